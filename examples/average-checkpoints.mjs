// The mean of the weights of models that grew from one another, in float16; such a mean is often better than each:
// node average-checkpoints.mjs out.safetensors first/model second/model
import { encodeFloat16, openCheckpoint, writeSafetensors } from '@od-vae/weights';

const [output, ...inputs] = process.argv.slice(2);
const checkpoints = await Promise.all(inputs.map((input) => openCheckpoint(input)));
const averaged = [...checkpoints[0].tensors.values()].map(({ name, shape }) => ({
  name,
  shape,
  dtype: 'F16',
  bytes: async () => {
    const values = await Promise.all(checkpoints.map(({ tensors }) => tensors.get(name).float32()));
    const means = values[0].map((_, i) => values.reduce((sum, one) => sum + one[i], 0) / values.length);
    return new Uint8Array(Uint16Array.from(means, (value) => encodeFloat16(value)).buffer);
  },
}));
await writeSafetensors(output, averaged, { metadata: { format: 'pt' } });
console.log(`${averaged.length} tensors, each the mean of ${inputs.length}`);
for (const checkpoint of checkpoints) await checkpoint.close();
