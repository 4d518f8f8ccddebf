import { describe, expect, it } from 'vitest';

import { startChild } from './start-child.ts';

const CASE = { kind: 'attention', channels: 1, clip: [1, 1, 1] } as const;
const OPTIONS = { threads: 2, limit: 20 };

/** A contender written on the command line: `answer` sees each command and gives what is printed. */
function contender(answer: string): readonly [string, ...string[]] {
  const program = `
    console.log(JSON.stringify({ version: process.env.OD_VAE_THREADS + ' ' + process.env.MARK }));
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const command = JSON.parse(line);
      ${answer}
    });`;
  return [process.execPath, '-e', program];
}

describe('startChild', () => {
  it('talks with a program line by line', async () => {
    const answers = `console.log(JSON.stringify({
      prepare: { prepared: true }, run: { seconds: 0.5 }, end: { peakBytes: 7 } }[command.do]));
      if (command.do === 'end') process.exit(0);`;
    const child = await startChild(contender(answers), { MARK: 'x' }, OPTIONS);
    expect(child.version).toBe('2 x');
    await child.prepare(CASE);
    expect(await child.run()).toBe(0.5);
    expect(await child.end()).toBe(7);
  });

  it.each([
    ['that it fails', `console.log(JSON.stringify({ failed: 'no such kernel' }));`, 'no such kernel'],
    ['on stderr', `console.error('first\\nlast'); process.exit(1);`, 'last'],
    ['nothing', 'process.exit(3);', 'it ended with code 3'],
  ])('repeats what a program says when it says %s', async (_, answer, message) => {
    const child = await startChild(contender(answer), {}, OPTIONS);
    await expect(child.run()).rejects.toThrow(message);
  });

  it('does not wait longer than it is told', async () => {
    const child = await startChild(contender(''), {}, { ...OPTIONS, limit: 1 });
    await expect(child.run()).rejects.toThrow('it took more than 1 s');
  });

  it('says so when there is no such program', async () => {
    await expect(startChild(['no-such-program'], {}, OPTIONS)).rejects.toThrow('ENOENT');
  });
});
