// node tools/run.mjs <built script> [arguments]: sets the repository up, then runs the script.
import { join } from 'node:path';

import { runChild } from './run-child.mjs';
import { root, setUp } from './setup.mjs';

const [script, ...args] = process.argv.slice(2);
setUp();
process.exitCode = await runChild(process.execPath, [join(root, script), ...args]);
