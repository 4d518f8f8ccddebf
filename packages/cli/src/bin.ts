#!/usr/bin/env node
import { muteConsole } from './mute-console.ts';
import { run } from './program.ts';
import { stopOnSignals } from './stop-on-signals.ts';

muteConsole(process.env);
for (const stream of [process.stdout, process.stderr]) {
  // A reader that went away, as `head` does, is no error of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
const code = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: stopOnSignals(),
});
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise((written) => stream.write('', () => written(undefined))),
  ),
);
// Workers of a backend may still live; nothing of theirs is needed any more.
process.exit(code);
