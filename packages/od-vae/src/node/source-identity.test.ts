import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, it } from 'vitest';

import { inFolder } from '../../fixtures/narrow-model.ts';
import { sourceIdentity } from './source-identity.ts';

const bytes = (last: number, length = 1000) => Uint8Array.from({ length }, (_, at) => (at === length - 1 ? last : at));

/** Runs a body with the address of a server. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  body: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a.y4m`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Answers requests of ranges. */
function answerRange(content: Uint8Array, { headers }: IncomingMessage, response: ServerResponse): void {
  const [, begin, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range!)!;
  response.writeHead(206, { 'content-range': `bytes ${begin}-${end}/${content.length}` });
  response.end(content.subarray(Number(begin), Number(end) + 1));
}

describe('sourceIdentity', () => {
  it('is the same for the same bytes, wherever they are, and another for others of the same size', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.y4m');
      await writeFile(path, bytes(1));
      const identity = await sourceIdentity(bytes(1));
      expect(identity).toMatch(/^1000 bytes, SHA-256 [0-9a-f]{64}$/);
      for (const same of [new Blob([bytes(1)]), path, pathToFileURL(path), pathToFileURL(path).href]) {
        expect(await sourceIdentity(same)).toBe(identity);
      }
      await writeFile(path, bytes(2));
      for (const other of [bytes(2), new Blob([bytes(2)]), path])
        expect(await sourceIdentity(other)).not.toBe(identity);
    }));

  it('takes the files of a folder or a pattern, with their content', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'f'));
      const names = ['f/1.png', 'f/2.png'];
      for (const name of names) await writeFile(join(folder, name), bytes(1));
      for (const source of [join(folder, 'f'), join(folder, 'f/%d.png')]) {
        await writeFile(join(folder, 'f/2.png'), bytes(1));
        const identity = await sourceIdentity(source);
        expect(await sourceIdentity(source)).toBe(identity);
        await writeFile(join(folder, 'f/2.png'), bytes(2));
        expect(await sourceIdentity(source)).not.toBe(identity);
      }
    }));

  it('takes the version that a server reports', async () => {
    let headers: Record<string, string> = { etag: '"a"' };
    await serve(
      (_, response) => response.writeHead(200, { 'content-length': 4, ...headers }).end('text'),
      async (url) => {
        expect(await sourceIdentity(url)).toBe('ETag "a", 4 bytes');
        headers = { 'last-modified': 'Tue, 01 Dec 2026 00:00:00 GMT' };
        expect(await sourceIdentity(new URL(url))).toBe('last modified Tue, 01 Dec 2026 00:00:00 GMT, 4 bytes');
        headers = {};
        expect(await sourceIdentity(url)).toBeUndefined();
      },
    );
  });

  it('reads samples where the server reports no version and serves ranges', async () => {
    let content = bytes(1, 2 ** 21);
    await serve(
      (request, response) => answerRange(content, request, response),
      async (url) => {
        const identity = await sourceIdentity(url);
        expect(identity).toMatch(/^2097152 bytes, SHA-256 of samples /);
        content = bytes(2, 2 ** 21);
        expect(await sourceIdentity(url)).not.toBe(identity);
      },
    );
  });

  it('does not identify a stream, or what is not there', async () => {
    expect(await sourceIdentity(new ReadableStream<Uint8Array>())).toBeUndefined();
    expect(await sourceIdentity([])).toBeUndefined();
    expect(await sourceIdentity('no/such/file.mp4')).toBeUndefined();
    await serve(
      (_, response) => response.writeHead(404).end(),
      async (url) => expect(await sourceIdentity(url)).toBeUndefined(),
    );
  });
});
