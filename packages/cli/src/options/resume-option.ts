import type { Command } from 'commander';

/** Whether a job that was ended goes on. */
export interface ResumeFlags {
  readonly resume?: true | undefined;
  readonly force?: true | undefined;
}

/** Adds `--resume` and `--force`. */
export function addResumeOption(command: Command): Command {
  return command
    .option(
      '--resume',
      'go on where the same command was ended, and keep what is done (in <out>.partial) if it is ended again',
    )
    .option('--force', 'resume also where the input cannot be identified, such as an address without a version');
}
