import { describe, expect, it, vi } from 'vitest';

import { hubFolder } from './hub-folder.ts';
import { parseHubId } from './hub-id.ts';

// Browsers read files by range and keep no cache.
vi.mock('@od-vae/core/base', async (original) => ({ ...(await original<object>()), hasNode: () => false }));

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const HUB = 'https://hub.test';
const id = parseHubId('someone/model/vae')!;
const content = Uint8Array.from([1, 2, 3, 4]);

/** A Hub whose listing has two pages; requests are recorded as `url token`. */
function fakeHub({ size = content.length, second = `${HUB}/page2` } = {}): { requests: string[]; fetch: typeof fetch } {
  const requests: string[] = [];
  const entry = (path: string) => ({ type: 'file', path, size, oid: COMMIT });
  const answer: typeof fetch = async (input, init) => {
    const url = String(input);
    const headers = new Headers(init?.headers);
    requests.push(`${url} ${headers.get('authorization') ?? ''}`);
    if (url.includes('/revision/main')) return Response.json({ sha: COMMIT });
    if (url.endsWith(`/tree/${COMMIT}/vae`))
      return Response.json([entry('vae/a')], { headers: { link: `<${second}>; rel="next"` } });
    if (url.endsWith('/page2')) return Response.json([entry('vae/b c')]);
    const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(headers.get('range') ?? '')!;
    const bytes = content.slice(Number(begin), Number(end) + 1);
    const range = `bytes ${begin}-${end}/${content.length}`;
    if (url === `${HUB}/someone/model/resolve/${COMMIT}/vae/b%20c`)
      return new Response(bytes, { status: 206, headers: { 'content-range': range } });
    return Response.json({ error: 'Repository not found' }, { status: 404 });
  };
  return { requests, fetch: answer };
}

const options = (hub: { fetch: typeof fetch }) => ({ fetch: hub.fetch, hub: { endpoint: HUB, token: 'hf_1' } });

describe('hubFolder in browsers', () => {
  it('lists all pages and reads a file by range, with the token', async () => {
    const hub = fakeHub();
    const folder = await hubFolder(id, options(hub));
    expect(await folder.list()).toEqual(['a', 'b c']);
    const file = (await folder.open('b c'))!;
    expect(file).toMatchObject({ label: 'someone/model/vae/b c', size: 4 });
    expect(await file.read(1, 3)).toEqual(content.slice(1, 3));
    expect(await folder.open('c')).toBeUndefined();
    expect(hub.requests.every((request) => request.endsWith(' Bearer hf_1'))).toBe(true);
  });

  it('sends the token to no other server', async () => {
    const hub = fakeHub({ second: 'https://elsewhere.test/page2' });
    expect(await (await hubFolder(id, options(hub))).list()).toEqual(['a']);
    expect(hub.requests.some((request) => request.includes('elsewhere'))).toBe(false);
  });

  it('refuses a file of another size than the listed one', async () => {
    const folder = await hubFolder(id, options(fakeHub({ size: 5 })));
    await expect(folder.open('b c')).rejects.toThrow('vae/b c must have 5 bytes, but has 4.');
    await expect(folder.open('a')).rejects.toThrow('vae/a must have 5 bytes, but has none.');
  });

  it("throws the Hub's error", async () => {
    const missing = async () => Response.json({ error: 'Repository not found' }, { status: 404 });
    await expect(hubFolder(id, options({ fetch: missing }))).rejects.toThrow(
      'The Hub does not give someone/model/vae: Repository not found',
    );
  });
});
