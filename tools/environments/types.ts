import 'od-vae/auto';
import { OdVae, type ReconstructReport } from 'od-vae';
import { backend } from 'od-vae/auto';
import * as tf from '@tensorflow/tfjs-core';

export async function reconstruct(path: string): Promise<ReconstructReport> {
  const name: string = await backend;
  const vae = await OdVae.fromPretrained(name === 'simd' ? 'small' : path);
  const posterior = vae.encode(tf.zeros([1, 5, 32, 32, 3]));
  posterior.dispose();
  return vae.reconstruct(path, undefined, { frames: 33 });
}
