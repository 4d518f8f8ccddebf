// npm test [-- turbo options]: sets the repository up, tests every package in a process of its own, and adds up.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { runChild } from './run-child.mjs';
import { pnpm, root, setUp, workspaceFolders } from './setup.mjs';

setUp();
const reports = workspaceFolders().map((folder) => join(root, folder, 'reports/tests.json'));
for (const report of reports) rmSync(report, { force: true });

const turbo = ['exec', 'turbo', 'run', 'test', '--continue', '--concurrency=2', '--output-logs=new-only'];
const code = await runChild(...pnpm(...turbo, ...process.argv.slice(2)), { cwd: root, env: quietEnvironment() });

let [passed, failed, skipped] = [0, 0, 0];
for (const report of reports.filter((path) => existsSync(path))) {
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, success } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  passed += numPassedTests;
  // A file that does not even load has no tests that could fail.
  failed += numFailedTests > 0 || success ? numFailedTests : Math.max(1, numFailedTestSuites);
  skipped += numPendingTests;
}
if (code !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : code;

function quietEnvironment() {
  return { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}
