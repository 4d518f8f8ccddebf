import { encodeLatents } from 'od-vae';

import type { SavedFile } from '../protocol.ts';
import type { FinishedRun } from './run.ts';

/** The latents of a run as a file that `od-vae decode` and PyTorch read. */
export async function saveLatents({ chunks, info }: FinishedRun): Promise<SavedFile> {
  const bytes = await encodeLatents(chunks, info);
  return { bytes, extension: 'safetensors', mimeType: 'application/octet-stream' };
}
