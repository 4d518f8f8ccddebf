import type { Command } from 'commander';

/** How a command talks. */
export interface OutputFlags {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  readonly progress?: true | undefined;
}

/** Adds the options that every command has. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON object on stdout, and nothing else there')
    .option('--progress', 'show progress on stderr even where it is no terminal')
    .option('-q, --quiet', 'print nothing on stderr but an error');
}
