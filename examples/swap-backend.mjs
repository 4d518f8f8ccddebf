// The same model on another backend, which is chosen by what is imported: node swap-backend.mjs cpu|wasm
import { setBackend, zeros } from '@tensorflow/tfjs-core';
import { OdVae } from 'od-vae';

const [backend = 'wasm'] = process.argv.slice(2);
await import(`@tensorflow/tfjs-backend-${backend}`);
await setBackend(backend);

const vae = await OdVae.fromPretrained('small');
const clip = zeros([1, 5, 32, 32, 3]);
const posterior = vae.encode(clip);
const [first] = await posterior.mean.data();
console.log(
  `${backend}: a grey clip [${clip.shape}] gives latents [${posterior.shape}], the first is ${first.toFixed(2)}`,
);
posterior.dispose();
clip.dispose();
vae.dispose();
