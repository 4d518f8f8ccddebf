import { access, lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseHubId } from './hub-id.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import type { OpenCheckpointOptions } from './open-checkpoint-options.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ETAG = 'fedcba9876543210fedcba9876543210fedcba98';
const ENDPOINT = 'https://hub.test';
const fixtures = new URL('../fixtures/checkpoints/', import.meta.url);

let cacheDir: string;
let requests: string[];
let weights: Uint8Array;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'hub-'));
  requests = [];
  weights = await readFile(new URL('sd-diffusers.safetensors', fixtures));
});
afterEach(() => rm(cacheDir, { recursive: true }));

function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (position >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(position, (position += 200_000)));
    },
  });
}

/** The Hub's answers for one model with one file of weights in a folder `vae`. */
const hub: typeof fetch = async (input, init) => {
  const url = new URL(String(input));
  requests.push(url.pathname);
  init?.signal?.throwIfAborted();
  if (url.pathname === '/api/models/someone/model/revision/main')
    return Response.json({ id: 'someone/model', sha: COMMIT });
  if (url.pathname.startsWith(`/api/models/someone/model/tree/${COMMIT}`)) {
    const file = {
      type: 'file',
      path: 'vae/model.safetensors',
      size: weights.length,
      oid: '00',
      lfs: { oid: ETAG, size: weights.length, pointerSize: 130 },
    };
    const hostile = { type: 'file', path: 'vae/../../evil.safetensors', size: 4, oid: ETAG };
    return Response.json([file, hostile, { type: 'directory', path: 'vae/sub', size: 0 }]);
  }
  if (url.pathname.endsWith('/vae/model.safetensors')) {
    const range = /bytes=(\d+)-(\d+)/.exec(new Headers(init?.headers).get('range') ?? '');
    const [begin, end] = range ? [Number(range[1]), Number(range[2]) + 1] : [0, weights.length];
    const headers = { etag: `"${ETAG}"`, 'content-range': `bytes ${begin}-${end - 1}/${weights.length}` };
    return new Response(inPieces(weights.slice(begin, end)), { status: range ? 206 : 200, headers });
  }
  return Response.json({ error: 'Repository not found' }, { status: 404 });
};

const options = (more: OpenCheckpointOptions = {}): OpenCheckpointOptions => ({
  fetch: hub,
  hub: { cacheDir, endpoint: ENDPOINT },
  ...more,
});

describe('hubFolder', () => {
  it('downloads a model into the cache of Python, and takes it from there the next time', async () => {
    const progress: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number | undefined }): number =>
      progress.push(done / total!);
    await using checkpoint = await openCheckpoint('someone/model/vae', options({ onProgress }));
    expect(checkpoint).toMatchObject({ label: 'someone/model/vae', family: 'diffusers', config: undefined });
    expect(checkpoint.tensors.size).toBe(176);
    expect(progress.length).toBeGreaterThan(2);
    expect(progress.at(-1)).toBe(1);

    const root = join(cacheDir, 'models--someone--model');
    expect(await readFile(join(root, 'refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(await readdir(join(root, 'blobs'))).toEqual([ETAG]);
    const pointer = join(root, 'snapshots', COMMIT, 'vae', 'model.safetensors');
    expect((await lstat(pointer)).isSymbolicLink()).toBe(true);
    expect(await readlink(pointer)).toBe(join('..', '..', '..', 'blobs', ETAG));
    expect(Buffer.compare(await readFile(pointer), weights)).toBe(0);

    const before = requests.length;
    await using again = await openCheckpoint('someone/model/vae@main', options());
    expect(again.tensors.size).toBe(176);
    expect(requests.slice(before).filter((path) => path.includes('/resolve/'))).toEqual([]);
  });

  it('works from the cache without a network', async () => {
    await (await openCheckpoint('someone/model/vae', options())).close();
    const offline = (): Promise<Response> =>
      Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }));
    await using checkpoint = await openCheckpoint('someone/model/vae', options({ fetch: offline }));
    expect(checkpoint.tensors.size).toBe(176);
    await expect(openCheckpoint('someone/other', options({ fetch: offline }))).rejects.toThrow(
      'openCheckpoint: "someone/other" must be a path that exists, or a model on the Hugging Face Hub, but there is no ' +
        `such path and ${options().hub!.endpoint} cannot be reached (fetch failed: ENOTFOUND), nor is the model in the cache`,
    );
  });

  it('leaves nothing of a download that ends on the way', async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error('enough'));
    const opening = openCheckpoint('someone/model/vae', options({ onProgress, signal: controller.signal }));
    await expect(opening).rejects.toThrow('enough');
    expect(await readdir(join(cacheDir, 'models--someone--model', 'blobs'))).toEqual([]);
  });

  it('says that the Hub has no such model, and writes nothing', async () => {
    await expect(openCheckpoint('someone/missing', options())).rejects.toThrow('The Hub does not give someone/missing');
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('never writes where a hostile listing points', async () => {
    await (await openCheckpoint('someone/model/vae', options())).close();
    await expect(access(join(cacheDir, 'evil.safetensors'))).rejects.toThrow();
    expect(requests.some((path) => path.includes('evil'))).toBe(false);
  });
});

describe('parseHubId', () => {
  it.each([
    ['owner/name', { repo: 'owner/name', path: '', revision: 'main' }],
    ['owner/name-v1.2.0@v1', { repo: 'owner/name-v1.2.0', path: '', revision: 'v1' }],
    ['owner/name/vae@refs/pr/1', { repo: 'owner/name', path: 'vae', revision: 'refs/pr/1' }],
  ])('reads %s', (text, expected) => {
    expect(parseHubId(text)).toEqual({ label: text, ...expected });
  });

  it.each([
    'name',
    './owner/name',
    '../owner/name',
    '/owner/name',
    'owner/../name',
    'owner/name@../x',
    'owner//name',
    'a b/c',
  ])('knows that %s is none', (text) => {
    expect(parseHubId(text)).toBeUndefined();
  });
});
