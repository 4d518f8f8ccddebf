import { BackendError } from '@od-vae/core';
import { env } from '@tensorflow/tfjs-core';

import { restoreOutdatedUtilities } from './restore-outdated-utilities.ts';

/** Packages that bring TensorFlow into Node, the quicker first. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** The variable that names the folder of one of them, where it is not installed beside this package. */
const VARIABLE = 'OD_VAE_TFJS_NODE';

/** Where {@link loadTensorflow} looks. */
export interface LoadOptions {
  /** The folder of `@tensorflow/tfjs-node` or `-gpu`; by default what `OD_VAE_TFJS_NODE` says, else the installed one. */
  folder?: string | undefined;
  /** The file from which installed packages are found. */
  from?: string | undefined;
}

/**
 * Loads `@tensorflow/tfjs-node-gpu`, else `@tensorflow/tfjs-node`, which register and choose the backend `tensorflow`.
 *
 * @throws BackendError that says what to install or to build, when none is there or its addon is missing or does not load.
 */
export function loadTensorflow({ folder = process.env[VARIABLE], from = import.meta.url }: LoadOptions = {}): void {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { resolve } = process.getBuiltinModule('node:path');
  const require = createRequire(from);
  const reasons: string[] = [];
  for (const name of folder ? [resolve(folder)] : PACKAGES) {
    try {
      quietly(() => require(name));
      return;
    } catch (error) {
      if (!isAbsent(name, error)) reasons.push(brokenReason(name, folderOf(name, require), error));
      else if (folder) reasons.push(`${VARIABLE} is ${folder}, where there is no package`);
    }
  }
  throw new BackendError(
    reasons.length > 0
      ? `backend-node: ${reasons.join('; ')}.`
      : `backend-node: needs @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu), which is not installed: npm install @tensorflow/tfjs-node.`,
  );
}

/** tfjs says at length that it was registered twice, and TensorFlow what it was built for. */
function quietly(load: () => void): void {
  restoreOutdatedUtilities();
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const before = env().getBool('PROD');
  env().set('PROD', true);
  try {
    load();
  } finally {
    env().set('PROD', before);
  }
}

function isAbsent(name: string, error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}

function folderOf(name: string, require: NodeJS.Require): string {
  try {
    return process.getBuiltinModule('node:path').dirname(require.resolve(`${name}/package.json`));
  } catch {
    return name;
  }
}

function brokenReason(name: string, folder: string, error: unknown): string {
  const { message } = error as Error;
  if (/native addon module|tfjs_binding/i.test(message)) {
    return `${name} is there without its addon, which npm could not fetch; build it: bash ${scriptPath()} ${folder}`;
  }
  return `${name} does not load: ${message.split('\n')[0]!.replace(/\.$/, '')}`;
}

/** Where the script that builds the addon lies. */
function scriptPath(): string {
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  return fileURLToPath(`${import.meta.url.replace(/[^/]*\/[^/]*$/, '')}scripts/build-binding.sh`);
}
