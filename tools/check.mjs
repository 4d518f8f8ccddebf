// npm run check [-- --packages]: types, lint, format, floors, unused code; with --packages also every package alone.
import { runChild } from './run-child.mjs';
import { pnpm, root, setUp } from './setup.mjs';

const CHECKS = [
  ['types of the tests', 'tsc', '-p', 'tsconfig.tests.json'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt', '--check', '.'],
  ['unused code', 'knip'],
  ['floors', 'node', 'tools/dist/check-floors.js'],
  ...(process.argv.includes('--packages') ? [['packages alone', 'node', 'tools/dist/check-packages.js']] : []),
];

setUp();
const failed = [];
for (const [name, ...command] of CHECKS) {
  console.log(`\n— ${name}: ${command.join(' ')}`);
  if ((await runChild(...pnpm('exec', ...command), { cwd: root })) !== 0) failed.push(name);
}
console.log(failed.length > 0 ? `\ncheck failed: ${failed.join(', ')}` : '\ncheck passed');
process.exitCode = failed.length > 0 ? 1 : 0;
