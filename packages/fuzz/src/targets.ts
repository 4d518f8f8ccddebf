import type { Target } from './target.ts';
import { config } from './targets/config.ts';
import { container } from './targets/container.ts';
import { gif } from './targets/gif.ts';
import { image } from './targets/image.ts';
import { latents } from './targets/latents.ts';
import { options } from './targets/options.ts';
import { recording } from './targets/recording.ts';
import { safetensors } from './targets/safetensors.ts';
import { torch } from './targets/torch.ts';
import { y4m } from './targets/y4m.ts';

/** Everything that is fuzzed, by name. */
export const targets: ReadonlyMap<string, Target> = new Map(
  [safetensors, torch, config, latents, y4m, gif, container, recording, image, options].map((target) => [
    target.name,
    target as Target,
  ]),
);
