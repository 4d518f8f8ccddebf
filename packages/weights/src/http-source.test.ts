import { CheckpointError } from '@od-vae/core/base';
import { afterEach, describe, expect, it } from 'vitest';

import { type RangeServer, rangeServer } from '../fixtures/range-server.ts';
import { httpSource } from './http-source.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
let server: RangeServer;
afterEach(() => server.close());

describe('httpSource', () => {
  it('asks for the ranges it reads and no more', async () => {
    server = await rangeServer({ 'a b.bin': bytes });
    const source = await httpSource(`${server.url}a%20b.bin`);
    expect(source!.size).toBe(1000);
    expect(await source!.read(10, 20)).toEqual(bytes.subarray(10, 20));
    expect(await source!.read(990, 1000)).toEqual(bytes.subarray(990));
    expect(server.requests).toEqual(['GET a b.bin bytes=0-0', 'GET a b.bin bytes=10-19', 'GET a b.bin bytes=990-999']);
  });

  it('reads a file whole, and once, where the server ignores ranges', async () => {
    server = await rangeServer({ a: bytes }, { ranges: false });
    const source = await httpSource(`${server.url}a`);
    expect(await source!.read(10, 20)).toEqual(bytes.subarray(10, 20));
    expect(await source!.read(0, 5)).toEqual(bytes.subarray(0, 5));
    expect(server.requests).toHaveLength(1);
  });

  it('gives undefined for a file that is not there', async () => {
    server = await rangeServer({});
    expect(await httpSource(`${server.url}a`)).toBeUndefined();
  });

  it('notices that the file changed', async () => {
    server = await rangeServer({ a: bytes });
    const source = await httpSource(`${server.url}a`);
    server.files.set('a', bytes.slice(0, 500));
    await expect(source!.read(10, 20)).rejects.toThrow('changed while it was read');
  });

  it('refuses ranges beyond the end, and answers that are none', async () => {
    server = await rangeServer({ a: bytes });
    const source = await httpSource(`${server.url}a`);
    await expect(source!.read(999, 1001)).rejects.toThrow('has 1000 bytes, but bytes 999 to 1001 are needed');
    const broken = async (): Promise<Response> => new Response('no', { status: 500, statusText: 'Broken' });
    await expect(httpSource(`${server.url}a`, { fetch: broken })).rejects.toThrow(CheckpointError);
    await expect(httpSource(`${server.url}a`, { fetch: broken })).rejects.toThrow('the server answered 500 Broken');
    const unplugged = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
    await expect(httpSource('http://a.test/b', { fetch: unplugged })).rejects.toThrow(
      'http://a.test/b cannot be reached: fetch failed.',
    );
  });

  it('refuses fewer bytes than it asked for', async () => {
    server = await rangeServer({ a: bytes });
    const short: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      return new Response(new Uint8Array(1), { status: answer.status, headers: answer.headers });
    };
    const source = await httpSource(`${server.url}a`, { fetch: short });
    await expect(source!.read(10, 20)).rejects.toThrow('bytes 10 to 20 were asked for, but 1 from 10 came');
  });

  it('stops at the reason of its signal', async () => {
    server = await rangeServer({ a: bytes });
    const controller = new AbortController();
    const source = await httpSource(`${server.url}a`, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(source!.read(0, 4)).rejects.toThrow('enough');
  });
});
