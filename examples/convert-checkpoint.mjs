// Turns a checkpoint of Open-Sora-Plan into safetensors under diffusers-style names:
// node convert-checkpoint.mjs checkpoint.ckpt out.safetensors
import { openCheckpoint, renameCheckpoint, writeSafetensors } from '@od-vae/weights';

const [input, output] = process.argv.slice(2);
const checkpoint = await openCheckpoint(input);
const renamed = renameCheckpoint(checkpoint, 'diffusers');
await writeSafetensors(output, renamed.tensors.values(), { metadata: { format: 'pt' } });
console.log(`${renamed.tensors.size} tensors of ${checkpoint.part}, without ${checkpoint.ignored.length} others`);
await checkpoint.close();
