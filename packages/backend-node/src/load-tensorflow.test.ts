import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BackendError } from '@od-vae/core';
import { env } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { loadTensorflow } from './load-tensorflow.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'od-vae-backend-node-'));
  vi.stubEnv('OD_VAE_TFJS_NODE', undefined);
  vi.stubEnv('TF_CPP_MIN_LOG_LEVEL', undefined);
});
afterEach(() => {
  rmSync(root, { recursive: true });
  vi.unstubAllEnvs();
});

/** Puts a package there whose main file is this program; gives its folder. */
function install(name: string, program: string): string {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
  writeFileSync(join(folder, 'index.js'), program);
  return folder;
}

const from = () => join(root, 'index.js');
const load = () => loadTensorflow({ from: from() });
const loaded = () => (globalThis as { loaded?: string }).loaded;
const WITHOUT_ADDON = `throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found at path: x');`;

describe('loadTensorflow', () => {
  it('says what to install where neither package is there', () => {
    expect(load).toThrow(
      new BackendError(
        'backend-node: needs @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu), which is not installed: ' +
          'npm install @tensorflow/tfjs-node.',
      ),
    );
  });

  it('takes the package for GPUs first, and without a word', () => {
    install('@tensorflow/tfjs-node', `globalThis.loaded = 'cpu';`);
    install(
      '@tensorflow/tfjs-node-gpu',
      `const util = require('util');
       globalThis.loaded = [util.isNullOrUndefined(null), util.isNullOrUndefined(0), util.isArray([]),
         process.env.TF_CPP_MIN_LOG_LEVEL].join(' ');`,
    );
    const before = env().getBool('PROD');
    load();
    expect(loaded()).toBe('true false true 2');
    expect(env().getBool('PROD')).toBe(before);
  });

  it('takes the other where that for GPUs does not load', () => {
    install('@tensorflow/tfjs-node-gpu', WITHOUT_ADDON);
    install('@tensorflow/tfjs-node', `globalThis.loaded = 'the other';`);
    load();
    expect(loaded()).toBe('the other');
  });

  it('takes the folder that the environment names', () => {
    vi.stubEnv('OD_VAE_TFJS_NODE', install('elsewhere', `globalThis.loaded = 'elsewhere';`));
    load();
    expect(loaded()).toBe('elsewhere');
  });

  it('says how to build an addon that is missing', () => {
    const folder = install('@tensorflow/tfjs-node', WITHOUT_ADDON);
    expect(load).toThrow(
      /^backend-node: @tensorflow\/tfjs-node is there without its addon, which npm could not fetch; build it: bash .*\/scripts\/build-binding\.sh .*tfjs-node\.$/,
    );
    expect(load).toThrow(folder);
  });

  it.each([
    ['a library that is missing', 'libcudart.so.11.0: cannot open shared object file.\nmore', 'libcudart'],
    ['a module of its own that is missing', "Cannot find module 'long'", "Cannot find module 'long'"],
  ])('passes on %s', (_, message, shown) => {
    install('@tensorflow/tfjs-node-gpu', `throw new Error(${JSON.stringify(message)});`);
    expect(load).toThrow(`backend-node: @tensorflow/tfjs-node-gpu does not load: ${shown}`);
    expect(load).toThrow(/[^.]\.$/);
  });

  it('says that the folder of the environment is none', () => {
    vi.stubEnv('OD_VAE_TFJS_NODE', join(root, 'nowhere'));
    expect(load).toThrow(`backend-node: OD_VAE_TFJS_NODE is ${join(root, 'nowhere')}, where there is no package.`);
  });
});
