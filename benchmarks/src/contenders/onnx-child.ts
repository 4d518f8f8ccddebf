// A contender's process: onnxruntime, native (`node`) or in WebAssembly (`web`), as installed beside peers/package.json.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { onnxRun, type OnnxRuntime } from '../onnx/onnx-run.ts';
import { serve } from './serve.ts';

const name = `onnxruntime-${process.argv[2] ?? 'node'}`;
const peers = createRequire(new URL('../../peers/package.json', import.meta.url));
const loaded = (await import(pathToFileURL(peers.resolve(name)).href)) as OnnxRuntime & { default?: OnnxRuntime };
const runtime = loaded.default ?? loaded;
const web = name.endsWith('web');
await serve({
  version: `${name} ${runtime.env.versions.common}${web ? ' (wasm)' : ''}`,
  prepare: async (one, threads) => {
    if (web) runtime.env.wasm['numThreads'] = threads;
    return onnxRun(runtime, one, { executionProviders: [web ? 'wasm' : 'cpu'], intraOpNumThreads: threads });
  },
});
