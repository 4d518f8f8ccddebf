import { Command, CommanderError } from 'commander';

import { benchCommand } from './commands/bench.ts';
import { convertCommand } from './commands/convert.ts';
import { decodeCommand } from './commands/decode.ts';
import { doctorCommand } from './commands/doctor.ts';
import { encodeCommand } from './commands/encode.ts';
import { inspectCommand } from './commands/inspect.ts';
import { reconstructCommand } from './commands/reconstruct.ts';
import { trainCommand } from './commands/train.ts';
import { explainError } from './explain-error.ts';
import type { Streams } from './streams.ts';
import { version } from './version.ts';

const COMMANDS = [
  reconstructCommand,
  encodeCommand,
  decodeCommand,
  trainCommand,
  convertCommand,
  inspectCommand,
  doctorCommand,
  benchCommand,
] as const;

/**
 * Runs the command line `argv` (without node and script).
 *
 * @returns the exit code: 0 done, 1 failed, 2 bad usage, 130 stopped by a signal. It never throws.
 */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    await program(streams).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { sentence, exitCode } = explainError(error, streams.signal);
    if (sentence) streams.stderr.write(`od-vae: ${sentence}\n`);
    if (streams.env['OD_VAE_DEBUG'] && error instanceof Error) streams.stderr.write(`${error.stack}\n`);
    return exitCode;
  }
}

function program(streams: Streams): Command {
  const root = new Command('od-vae')
    .description('Compresses video 4x8x8 with OD-VAE and rebuilds it.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 bad usage, 130 stopped.');
  for (const make of COMMANDS) root.addCommand(make(streams));
  for (const command of [root, ...root.commands]) {
    command
      .helpOption('-h, --help', 'print this help')
      .exitOverride()
      .configureOutput({
        writeOut: (text) => streams.stdout.write(text),
        writeErr: (text) => streams.stderr.write(text),
        outputError: () => undefined,
      });
  }
  return root;
}
