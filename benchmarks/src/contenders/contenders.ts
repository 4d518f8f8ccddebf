import { fileURLToPath } from 'node:url';

import type { Case } from './protocol.ts';
import { type Child, type ChildOptions, startChild } from './start-child.ts';

/** Somebody who may be measured. */
export interface Contender {
  readonly id: string;
  start(options: ChildOptions): Promise<Child>;
  readonly kinds: readonly Case['kind'][];
  /** How it gets here, where it is missing. */
  readonly install: string;
}

const KERNELS = ['convolution', 'normalization', 'attention'] as const;
const MODELS = ['encode', 'decode'] as const;

const script = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** Ids that `--contenders` takes, in the order in which they are run. */
export const CONTENDERS = [
  'simd',
  'simd-exact',
  'torch',
  'onnxruntime-node',
  'onnxruntime-web',
  'wasm',
  'cpu',
] as const;

/** An id of {@link CONTENDERS}. */
export type ContenderId = (typeof CONTENDERS)[number];

/** Who runs unless `--contenders` says otherwise. */
export const USUAL: readonly ContenderId[] = ['simd', 'torch', 'onnxruntime-node', 'onnxruntime-web', 'wasm'];

/** The programs of the chosen contenders; ours once for each `node`, the others on the first. */
export function contenders(ids: readonly ContenderId[], nodes: readonly string[]): Contender[] {
  return ids.flatMap((id) => (id.startsWith('simd') ? nodes.map((node) => ours(id, node)) : [peer(id, nodes[0]!)]));
}

/** TensorFlow.js's webgpu backend through Dawn, with our kernels and without them. */
export function webgpuContenders(node: string): Contender[] {
  return ['webgpu', 'webgpu-stock'].map((id) => ({
    id,
    start: program([node, script('tfjs-child.js'), id]),
    kinds: [...KERNELS, ...MODELS],
    install: 'npm install webgpu, and a driver: see packages/backend-webgpu/README.md',
  }));
}

function program(
  command: readonly [string, ...string[]],
  environment: Record<string, string> = {},
): Contender['start'] {
  return (options) => startChild(command, environment, options);
}

function ours(id: ContenderId, node: string): Contender {
  return {
    id,
    start: program([node, script('tfjs-child.js'), 'simd'], id === 'simd-exact' ? { OD_VAE_PRECISION: 'exact' } : {}),
    kinds: [...KERNELS, ...MODELS, 'step', 'train'],
    install: 'npx tsc -b',
  };
}

function peer(id: ContenderId, node: string): Contender {
  if (id === 'torch') {
    return {
      id,
      start: program(['python3', fileURLToPath(new URL('../../peers/serve_torch.py', import.meta.url))]),
      kinds: [...KERNELS, ...MODELS, 'step', 'train'],
      install: 'pip install torch --index-url https://download.pytorch.org/whl/cpu',
    };
  }
  if (id.startsWith('onnxruntime')) {
    return {
      id,
      start: program([node, script('onnx-child.js'), id.slice('onnxruntime-'.length)]),
      kinds: KERNELS,
      install: 'npm install --prefix benchmarks/peers --no-package-lock --ignore-scripts',
    };
  }
  return {
    id,
    start: program([node, script('tfjs-child.js'), id]),
    kinds: [...KERNELS, ...MODELS],
    install: 'it comes with this repository',
  };
}
