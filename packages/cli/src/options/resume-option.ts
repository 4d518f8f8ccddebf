import type { Command } from 'commander';

/** Whether a job that was ended goes on. */
export interface ResumeFlags {
  readonly resume?: true | undefined;
  readonly force?: true | undefined;
}

/** Adds `--resume` and `--force`. */
export function addResumeOption(command: Command): Command {
  return command
    .option('--resume', 'resume the same command where it was interrupted; finished groups are kept in <out>.partial')
    .option('--force', 'resume also where the input cannot be identified, such as an address without a version');
}
