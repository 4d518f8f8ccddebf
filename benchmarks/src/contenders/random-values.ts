import { mapSpec, type ParamsOf, type SpecTree, sizeOf, uniformSource } from '@od-vae/core';
import { tensor } from '@tensorflow/tfjs-core';

/** Values drawn once and repeated: drawing all 239 million weights of a model takes longer than most measurements. */
const PERIOD = 65_537;
const block = (() => {
  const random = uniformSource(1);
  return Float32Array.from({ length: PERIOD }, () => 2 * random() - 1);
})();

/** Numbers in [-scale, scale), the same in every process. */
export function randomValues(count: number, scale = 1): Float32Array {
  const some = block.map((value) => value * scale);
  const values = new Float32Array(count);
  for (let begin = 0; begin < count; begin += PERIOD) values.set(some.subarray(0, count - begin), begin);
  return values;
}

/** Random weights of a spec: kernels as wide as PyTorch draws them, norms and biases as they start. */
export function randomParams<Spec extends SpecTree>(spec: Spec): ParamsOf<Spec> {
  return mapSpec(spec, ({ shape, init }) => {
    const fanIn = sizeOf(shape.slice(0, -1));
    const values = shape.length === 5 ? randomValues(sizeOf(shape), 1 / Math.sqrt(fanIn)) : init([...shape], () => 0.5);
    return tensor(values, [...shape], 'float32');
  });
}
