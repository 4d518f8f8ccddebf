/** What a file is by its first bytes, whatever it is called. */
export type CheckpointKind =
  /** Weights in safetensors. */
  | 'safetensors'
  /** Latents of a clip in safetensors: a tensor `latents` and no weights of a network. */
  | 'latents'
  /** A JSON text, such as the index of a sharded checkpoint. */
  | 'json'
  /** PyTorch's zip format, since 1.6. */
  | 'torch'
  /** PyTorch's older formats. */
  | 'torch-legacy'
  | 'other';

/** As many first bytes as {@link checkpointKind} makes use of. */
export const KIND_BYTES = 65_536;

const LEGACY_MAGIC = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const TAR_MAGIC_AT = 257;

/**
 * Tells what a file is from its beginning.
 *
 * @param head the first {@link KIND_BYTES} bytes, or the whole file where it is shorter
 */
export function checkpointKind(head: Uint8Array): CheckpointKind {
  if (startsWith(head, LEGACY_MAGIC) || isTorchTar(head)) return 'torch-legacy';
  const text = new TextDecoder('latin1').decode(head);
  if (startsWith(head, ZIP_MAGIC)) return text.includes('/data.pkl') ? 'torch' : 'other';
  if (isSafetensors(head)) return isLatents(text) ? 'latents' : 'safetensors';
  return /^\s*\{/.test(text) ? 'json' : 'other';
}

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}

/** Before PyTorch 0.1.10, checkpoints were tar files that begin with an entry `sys_info`. */
function isTorchTar(head: Uint8Array): boolean {
  const text = (begin: number, length: number): string => String.fromCharCode(...head.subarray(begin, begin + length));
  return text(0, 8) === 'sys_info' && text(TAR_MAGIC_AT, 5) === 'ustar';
}

/** A length below 2^40 and the brace of a JSON object behind it. */
function isSafetensors(head: Uint8Array): boolean {
  return head.length >= 10 && head[5] === 0 && head[6] === 0 && head[7] === 0 && head[8] === 0x7b;
}

function isLatents(text: string): boolean {
  return /"latents"\s*:\s*\{\s*"(?:dtype|shape|data_offsets)"/.test(text) && !/\.(?:weight|bias)"\s*:/.test(text);
}
