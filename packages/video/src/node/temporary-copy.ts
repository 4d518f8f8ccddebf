import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as nodePath from 'node:path';

/** Bytes as a file in the system's temporary folder, for programs that only read files; `remove` it afterwards. */
export async function temporaryCopy(data: Uint8Array): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await fs.mkdtemp(nodePath.join(os.tmpdir(), 'od-vae-video-'));
  const remove = () => fs.rm(folder, { recursive: true, force: true });
  const path = nodePath.join(folder, 'input');
  try {
    await fs.writeFile(path, data);
  } catch (cause) {
    await remove();
    throw cause;
  }
  return { path, remove };
}
