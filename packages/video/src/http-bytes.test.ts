import { MediaError } from '@od-vae/core/base';
import { afterEach, describe, expect, it } from 'vitest';

import { listen } from '../fixtures/listen.ts';
import { openVideo } from './open-video.ts';

const [WIDTH, HEIGHT, FRAMES] = [512, 256, 40];
const FRAME_BYTES = 6 + 3 * WIDTH * HEIGHT;
const HEADER = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F25:1 C444\n`);

/** A video of 15 MB whose frame `n` is grey of level `16 + 4 n`. */
const VIDEO = Buffer.concat([
  HEADER,
  ...Array.from({ length: FRAMES }, (_, index) =>
    Buffer.concat([
      Buffer.from('FRAME\n'),
      Buffer.alloc(WIDTH * HEIGHT, 16 + 4 * index),
      Buffer.alloc(2 * WIDTH * HEIGHT, 128),
    ]),
  ),
]);

interface Behaviour {
  /** `'length'`: no ranges, but a length; `'nothing'`: neither. */
  readonly says: 'ranges' | 'length' | 'nothing';
  /** Bytes after which each connection breaks. */
  readonly breaksAfter?: number;
  /** Requests after which the file is another one. */
  readonly changesAfter?: number;
  /** Bytes after which a connection sends no more, and stays. */
  readonly stallsAfter?: number;
}

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A web server that has the one video; `requests` are the beginnings of the ranges that were asked for. */
async function serve({ says, breaksAfter = Infinity, changesAfter = Infinity, stallsAfter = Infinity }: Behaviour) {
  const seen = { requests: [] as number[], sent: 0, open: 0 };
  const { root, close: end } = await listen((request, response) => {
    const begin = says === 'ranges' ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')![1]) : 0;
    seen.requests.push(begin);
    seen.open += 1;
    response.on('close', () => {
      seen.open -= 1;
    });
    const etag = `"${seen.requests.length > changesAfter ? 'new' : 'old'}"`;
    const length = says === 'nothing' ? {} : { 'content-length': VIDEO.length - begin };
    const range = says === 'ranges' ? { 'content-range': `bytes ${begin}-${VIDEO.length - 1}/${VIDEO.length}` } : {};
    response.writeHead(says === 'ranges' ? 206 : 200, { etag, ...length, ...range });
    response.flushHeaders();
    let position = begin;
    const send = () => {
      for (;;) {
        if (position - begin >= breaksAfter) return void setTimeout(() => response.destroy(), 20);
        if (position - begin >= stallsAfter) return;
        if (position === VIDEO.length) return void response.end();
        const piece = VIDEO.subarray(position, position + 65_536);
        position += piece.length;
        seen.sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', send);
      }
    };
    send();
  });
  close = end;
  return { seen, url: `${root}/video.y4m` };
}

/** The levels of grey of all frames. */
async function levels(source: string): Promise<number[]> {
  await using reader = await openVideo(source);
  const found: number[] = [];
  for await (const { data } of reader.frames()) found.push(data[0]!);
  return found;
}

const expected = await levelsOfFile();
async function levelsOfFile(): Promise<number[]> {
  await using reader = await openVideo(new Uint8Array(VIDEO));
  const found: number[] = [];
  for await (const { data } of reader.frames()) found.push(data[0]!);
  return found;
}

describe('openVideo of a y4m address', () => {
  it.each(['ranges', 'length', 'nothing'] as const)(
    'gives every frame in one request where the server says %s',
    async (says) => {
      const { seen, url } = await serve({ says });
      expect(await levels(url)).toEqual(expected);
      expect(seen.requests).toEqual([0]);
    },
  );

  it('knows how many frames there are where the server says how many bytes', async () => {
    for (const [says, count] of [
      ['ranges', FRAMES],
      ['length', FRAMES],
      ['nothing', undefined],
    ] as const) {
      const { url } = await serve({ says });
      await using reader = await openVideo(url);
      expect(reader.frameCount).toBe(count);
      close?.();
    }
  });

  it('takes no more of the file than what is read and what is under way, and lets go of the connection', async () => {
    const { seen, url } = await serve({ says: 'ranges' });
    const reader = await openVideo(url);
    for await (const frame of reader.frames()) {
      expect(frame.data).toHaveLength(3 * WIDTH * HEIGHT);
      break;
    }
    expect(seen.sent).toBeLessThan(VIDEO.length / 2);
    await reader.close();
    await expect.poll(() => seen.open).toBe(0);
  });

  it.each(['ranges', 'length'] as const)('can be read again where the server says %s', async (says) => {
    const { seen, url } = await serve({ says });
    await using reader = await openVideo(url);
    for (let time = 0; time < 2; time++) {
      const found: number[] = [];
      for await (const { data } of reader.frames()) found.push(data[0]!);
      expect(found).toEqual(expected);
    }
    expect(seen.requests).toHaveLength(2);
  });

  it('goes on with the rest when connections break, where the server has ranges', async () => {
    const { seen, url } = await serve({ says: 'ranges', breaksAfter: 10 * FRAME_BYTES });
    expect(await levels(url)).toEqual(expected);
    expect(seen.requests.length).toBeGreaterThan(3);
  });

  it.each<[string, Behaviour, RegExp]>([
    [
      'breaks off without ranges',
      { says: 'length', breaksAfter: 2 * FRAME_BYTES },
      /video\.y4m" broke off after \d+ of \d+ bytes/,
    ],
    ['sends nothing any more', { says: 'ranges', breaksAfter: 0 }, /broke off after 0 of/],
    [
      'has another file meanwhile',
      { says: 'ranges', breaksAfter: 2 * FRAME_BYTES, changesAfter: 1 },
      /changed on its server/,
    ],
  ])('says that the server %s', async (_, behaviour, message) => {
    const { url } = await serve(behaviour);
    const reading = levels(url);
    await expect(reading).rejects.toThrow(MediaError);
    await expect(reading).rejects.toThrow(message);
  });

  it('ends with the reason of a signal though the server is silent, and can be closed without one', async () => {
    const { seen, url } = await serve({ says: 'ranges', stallsAfter: 2 * FRAME_BYTES });
    const controller = new AbortController();
    await using reader = await openVideo(url, { signal: controller.signal });
    const reading = (async () => {
      for await (const _ of reader.frames()) setTimeout(() => controller.abort(new Error('enough')), 50);
    })();
    await expect(reading).rejects.toThrow('enough');
    const other = await openVideo(url);
    const waiting = (async () => {
      for await (const _ of other.frames());
    })();
    waiting.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
    await expect(waiting).rejects.toThrow(MediaError);
    await expect.poll(() => seen.open).toBe(0);
  });
});
