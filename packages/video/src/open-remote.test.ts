import { readdirSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../fixtures/listen.ts';
import { machineEngines } from './media-engines.ts';
import { openVideo } from './open-video.ts';

const hasFfmpeg = (await machineEngines.findFfmpeg()) !== undefined;
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

const FILES = new Map<string, Uint8Array>([
  ['mp4', fixture('h264.mp4')],
  ['webm', fixture('vp9.webm')],
  ['avi', fixture('mpeg4.avi')],
  ['gif', fixture('disposal.gif')],
  ['y4m', Buffer.concat([Buffer.from('YUV4MPEG2 W2 H2 F25:1 C444\nFRAME\n'), Buffer.alloc(12, 128)])],
  ['page', Buffer.from('<!DOCTYPE html><title>Sign in</title>')],
  ['empty', Buffer.alloc(0)],
]);

type Ranges = 'ranges' | 'none' | 'capped' | 'unknown';

/** Serves `/<kind of server>/<file>` with any ending: the last part up to a dash names the file. */
const answer: RequestListener = (request, response) => {
  const [, ranges, name = ''] = /^\/(\w+)\/(\w+)/.exec(request.url!) ?? [];
  const data = FILES.get(name);
  if (request.url!.startsWith('/redirect/')) return void response.writeHead(302, { location: `/ranges/${name}` }).end();
  if (!data) return void response.writeHead(404).end();
  const [, first] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
  const type = { 'content-type': 'text/plain' };
  if (first === undefined || ranges === 'none') {
    return void response.writeHead(200, { ...type, 'content-length': data.length }).end(data);
  }
  const begin = Number(first);
  if (begin >= data.length) return void response.writeHead(416, { 'content-range': `bytes */${data.length}` }).end();
  const end = Math.min(data.length, ranges === 'capped' ? begin + 4096 : Infinity);
  const size = ranges === 'unknown' ? '*' : data.length;
  response.writeHead(206, { ...type, 'content-range': `bytes ${begin}-${end - 1}/${size}` });
  response.end(data.subarray(begin, end));
};

let root: string;
let close: () => void;
beforeAll(async () => {
  ({ root, close } = await listen(answer));
});
afterAll(() => close());

async function count(address: string): Promise<number> {
  await using reader = await openVideo(`${root}${address}`);
  let frames = 0;
  for await (const { data } of reader.frames()) frames += data.length > 0 ? 1 : 0;
  return frames;
}

describe('openVideo of an address', () => {
  const servers: readonly (Ranges | 'redirect')[] = ['ranges', 'none', 'capped', 'unknown', 'redirect'];

  it.each(servers)('finds out the kind of a file by its content (%s)', async (ranges) => {
    for (const [name, frames] of [
      ['mp4', 13],
      ['webm', 13],
      ['gif', 4],
      ['y4m', 1],
    ] as const) {
      for (const end of ['', '.bin', '-file?name=x.png', '.txt?token=a.b#c']) {
        expect([end, await count(`/${ranges}/${name}${end}`)]).toEqual([end, frames]);
      }
    }
  });

  it.skipIf(!hasFfmpeg).each(servers)('reads with ffmpeg what mediabunny cannot read (%s)', async (ranges) => {
    expect(await count(`/${ranges}/avi`)).toBe(13);
    expect(await count(`/${ranges}/avi-x.mp4?y=z`)).toBe(13);
    const own = `.od-vae-`;
    expect(readdirSync(tmpdir()).filter((name) => name.includes(own) && name.includes(`-${process.pid}-`))).toEqual([]);
  });

  it.skipIf(!hasFfmpeg)('uses the engine that is named', async () => {
    await using reader = await openVideo(`${root}/ranges/mp4`, { engine: 'ffmpeg' });
    expect(reader.frameCount).toBe(13);
  });

  it('reports what a server sends in place of a video', async () => {
    await expect(count('/ranges/page.mp4')).rejects.toThrow(/page\.mp4" is not a video, GIF or image/);
    await expect(count('/ranges/empty.mp4')).rejects.toThrow('is empty (0 bytes)');
    await expect(count('/none/empty.mp4')).rejects.toThrow('is empty (0 bytes)');
    await expect(count('/ranges/missing.mp4')).rejects.toThrow('the server answered 404');
  });

  it('names a web page where no engine reads it', async () => {
    const opening = openVideo(`${root}/ranges/page`, { engine: 'mediabunny' });
    await expect(opening).rejects.toThrow('is not a video, GIF or image: it is a web page');
  });
});
