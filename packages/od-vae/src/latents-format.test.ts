import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { useBackend } from '@od-vae/test-utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { inFolder, narrowModel, readClip, writeClip } from '../fixtures/narrow-model.ts';
import type { OdVae } from './od-vae.ts';

useBackend('wasm');

let vae: OdVae;
let document: string;
beforeAll(async () => {
  vae = narrowModel();
  document = await readFile(new URL('../../../docs/latents-format.md', import.meta.url), 'utf8');
});
afterAll(() => vae.dispose());

const hasPython = spawnSync('python3', ['-c', 'import numpy, safetensors.numpy']).status === 0;

/** A safetensors file, made without the library. */
function safetensors(shape: readonly number[], metadata: Record<string, string>): Uint8Array {
  const values = Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, (_, i) =>
    Math.sin(i),
  );
  const header = JSON.stringify({
    __metadata__: metadata,
    latents: { dtype: 'F32', shape, data_offsets: [0, values.byteLength] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(values.buffer)]);
}

async function decode(folder: string) {
  const report = await vae.decodeFile(join(folder, 'latents.safetensors'), join(folder, 'out.y4m'));
  expect(report).toMatchObject({ frames: 9, width: 32, height: 24, fps: 25 });
  expect(await readClip(join(folder, 'out.y4m'))).toHaveLength(9);
}

describe('docs/latents-format.md', () => {
  it.skipIf(!hasPython)('has a Python snippet whose latents decode (needs Python with numpy and safetensors)', () =>
    inFolder(async (folder) => {
      const [, snippet] = /```python\n(.*?)```/s.exec(document)!;
      await writeFile(join(folder, 'write.py'), snippet!);
      const { status, stderr } = spawnSync('python3', ['write.py', 'latents.safetensors'], { cwd: folder });
      expect([status, String(stderr)]).toEqual([0, '']);
      await decode(folder);
    }),
  );

  it('names the fields with which a file of another program decodes', () =>
    inFolder(async (folder) => {
      const [, fields] = /metadata = \{\n(.*?)\n\}/s.exec(document)!;
      const values: Record<string, string> = { frames: '9', width: '32', height: '24' };
      const metadata = Object.fromEntries(
        [...fields!.matchAll(/"(\w+)": (?:"([^"]*)"|str\((\w+)\))/g)].map(([, key, text, name]) => [
          key,
          text ?? values[name!]!,
        ]),
      );
      await writeFile(join(folder, 'latents.safetensors'), safetensors([1, 4, 3, 3, 4], metadata));
      await decode(folder);
    }));

  it('names every field that the library writes', () =>
    inFolder(async (folder) => {
      await writeClip(join(folder, 'in.y4m'), 5);
      await vae.encodeFile(join(folder, 'in.y4m'), join(folder, 'latents/'));
      const index = JSON.parse(await readFile(join(folder, 'latents/latents.json'), 'utf8')) as object;
      for (const key of [...Object.keys(index), 'weights']) expect(document).toContain(`\`${key}\``);
    }));
});
