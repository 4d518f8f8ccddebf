import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as nodePath from 'node:path';

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
  const folder = await fs.mkdtemp(nodePath.join(os.tmpdir(), 'od-vae-video-'));
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
