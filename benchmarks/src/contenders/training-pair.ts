import { initParams } from '@od-vae/core';
import { defaultDiscriminator, type LpipsNetwork, lpipsSpec } from '@od-vae/losses';
import { odVaeSpec, type OfficialConfig, parseConfig } from '@od-vae/models';
import { Trainer } from '@od-vae/training';
import type { Tensor5D } from '@tensorflow/tfjs-core';

/** A generator and a discriminator step of the paper's recipe: L1, LPIPS (random weights), KL, the 3D GAN, EMA. */
export function trainingPair(
  official: OfficialConfig,
  clips: Tensor5D,
  network: LpipsNetwork = 'vgg',
): () => Promise<void> {
  const config = parseConfig(official);
  const trainer = new Trainer(
    {
      config,
      steps: Number.MAX_SAFE_INTEGER,
      seed: 1,
      learningRate: { rate: 1e-5 },
      perceptual: { params: initParams(lpipsSpec(network), { seed: 2 }), network, weight: 1 },
      adversarial: { discriminator: defaultDiscriminator, start: 1 },
      averageDecay: 0.999,
    },
    initParams(odVaeSpec(config), { seed: 1 }),
  );
  return async () => {
    await trainer.train([clips]);
    await trainer.train([clips]);
  };
}
