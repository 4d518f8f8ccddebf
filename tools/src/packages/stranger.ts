import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../workspace.ts';
import { runCommand } from './run-command.ts';

/** Makes a project that depends on published packages only, with the programs of `tools/environments`. */
export async function installProject(folder: string, registry: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'tools/environments'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await runCommand('npm', ['install', `--registry=${registry}`, ...quiet, ...packages], folder);
}
