import { type Command, Option } from 'commander';
import type { ClipStorage } from 'od-vae';

/** Which model runs, and where. */
export interface ModelFlags {
  readonly model: string;
  readonly backend?: string | undefined;
  readonly storage?: ClipStorage | undefined;
  readonly spatialUpsample?: 'trilinear' | 'nearest' | undefined;
}

const MODEL = ['-m, --model <source>', 'small, or a file, folder, address or Hub id (owner/name)'] as const;

/** Adds `--model`, `--backend`, `--storage` and `--spatial-upsample`. */
export function addModelOptions(command: Command): Command {
  return addBackendOptions(command.option(...MODEL, 'small'));
}

/** The same where something else says which model is meant. */
export function addModelOptionsWithoutDefault(command: Command): Command {
  return addBackendOptions(command.option(...MODEL));
}

function addBackendOptions(command: Command): Command {
  return command
    .option('-b, --backend <name>', 'simd, wasm, cpu, webgpu or tensorflow (see doctor); default the best')
    .addOption(
      new Option('--storage <bits>', 'clips inside the model, on webgpu; f16: half the memory for some digits').choices(
        ['f32', 'f16'],
      ),
    )
    .addOption(
      new Option(
        '--spatial-upsample <kind>',
        'how space-time up-samplers enlarge; released weights need trilinear',
      ).choices(['trilinear', 'nearest']),
    );
}
