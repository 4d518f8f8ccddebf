import { type Command, Option } from 'commander';

/** Which model runs, and where. */
export interface ModelFlags {
  readonly model: string;
  readonly backend?: string | undefined;
  readonly spatialUpsample?: 'trilinear' | 'nearest' | undefined;
}

/** Adds `--model`, `--backend` and `--spatial-upsample`. */
export function addModelOptions(command: Command): Command {
  return command
    .option('-m, --model <source>', 'small, or a file, folder, address or Hub id (owner/name)', 'small')
    .option('-b, --backend <name>', 'TensorFlow.js backend: wasm, cpu, or another that is registered; default the best')
    .addOption(
      new Option(
        '--spatial-upsample <kind>',
        'how space-time up-samplers enlarge; released weights need trilinear',
      ).choices(['trilinear', 'nearest']),
    );
}
