import { add, engine, getBackend, getKernel, mul, reshape, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** `decay * average + (1 - decay) * value`: one step of the averaged weights that are evaluated and exported. */
export function movingAverage(average: Tensor, value: Tensor, decay: number): Tensor {
  if (getKernel('MovingAverage', getBackend())) {
    return engine().runKernel('MovingAverage', { average, value }, { decay }) as Tensor;
  }
  return movingAverageReference(average, value, decay);
}

/** {@link movingAverage} in stock ops. */
export function movingAverageReference(average: Tensor, value: Tensor, decay: number): Tensor {
  return tidy('movingAverage', () => {
    const [old, fresh] = [average, value].map((tensor) => reshape(tensor, [tensor.size]));
    return reshape(add(mul(old!, decay), mul(fresh!, 1 - decay)), average.shape);
  });
}
