import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as nodePath from 'node:path';
import { removeAbandoned, temporaryPath } from '@od-vae/core/files';
import type { ByteSource } from '../byte-source.ts';
import { openFileBytes } from './open-file-bytes.ts';

interface TemporaryFile {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bytes as a file in the system's temporary folder, for programs that only read files; `remove` it afterwards. */
export async function temporaryCopy(data: Uint8Array): Promise<TemporaryFile> {
  return temporaryFile([data]);
}

/** The same of bytes that come piece by piece. */
export async function temporaryFile(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<TemporaryFile> {
  await removeAbandoned(os.tmpdir());
  const folder = temporaryPath(nodePath.join(os.tmpdir(), 'video'));
  await fs.mkdir(folder, { mode: 0o700 });
  const remove = () => fs.rm(folder, { recursive: true, force: true });
  const path = nodePath.join(folder, 'input');
  try {
    await fs.writeFile(path, chunks);
  } catch (cause) {
    await remove();
    throw cause;
  }
  return { path, remove };
}

/** Opens bytes that come piece by piece as a file for reading at any position; closing it removes the file. */
export async function openTemporaryFile(
  chunks: AsyncIterable<Uint8Array>,
): Promise<ByteSource & { readonly path: string }> {
  const { path, remove } = await temporaryFile(chunks);
  try {
    const bytes = await openFileBytes(path);
    return { ...bytes, path, close: () => bytes.close().finally(remove) };
  } catch (cause) {
    await remove();
    throw cause;
  }
}
