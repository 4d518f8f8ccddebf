import { encodeLatents } from 'od-vae';

import type { SavedFile, SaveLatents } from '../protocol.ts';

/** Returns the latents of a run as a file that `od-vae decode` and PyTorch read. */
export async function saveLatents({ chunks, info }: SaveLatents): Promise<SavedFile> {
  const bytes = await encodeLatents(chunks, info);
  return { bytes, extension: 'safetensors', mimeType: 'application/octet-stream' };
}
