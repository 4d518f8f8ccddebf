import type { ByteSource } from './byte-source.ts';
import { FIRST_BOXES, MAX_BOXES, readBoxHeader } from './mp4-boxes.ts';

/**
 * How many bytes a video file should have by its own account: the end of the last box (MP4, MOV), of the segment
 * (Matroska, WebM) or of the RIFF chunk (AVI). Undefined where the file does not say.
 */
export async function declaredSize(bytes: ByteSource): Promise<number | undefined> {
  const head = await bytes.read(0, 64);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 16) {
    return undefined;
  }
  if (view.getUint32(0) === 0x1a45dfa3) {
    return segmentEnd(head);
  }
  if (view.getUint32(0) === 0x52494646) {
    return 8 + view.getUint32(4, true);
  }
  return FIRST_BOXES.has(String.fromCharCode(...head.subarray(4, 8))) ? lastBoxEnd(bytes) : undefined;
}

async function lastBoxEnd(bytes: ByteSource): Promise<number | undefined> {
  let position = 0;
  for (let count = 0; position < bytes.size && count < MAX_BOXES; count += 1) {
    const header = await readBoxHeader(bytes, position);
    if (!header || !/^[ -~]{4}$/.test(header.type) || header.size < 8) {
      return undefined;
    }
    position += header.size;
  }
  return position;
}

/** End of the segment that follows the EBML header. */
function segmentEnd(head: Uint8Array): number | undefined {
  const ebml = variableInteger(head, 4);
  if (!ebml || ebml.value === undefined) {
    return undefined;
  }
  const segment = ebml.end + ebml.value;
  const size = variableInteger(head, segment + 4);
  const isSegment = [0x18, 0x53, 0x80, 0x67].every((byte, index) => head[segment + index] === byte);
  return isSegment && size?.value !== undefined ? size.end + size.value : undefined;
}

/** An EBML number: leading zeros of its first byte count the bytes that follow; all ones means unknown. */
function variableInteger(data: Uint8Array, offset: number): { value: number | undefined; end: number } | undefined {
  const first = data[offset];
  const length = first === undefined ? 0 : Math.clz32(first) - 23;
  if (first === undefined || length > 8 || offset + length > data.length) {
    return undefined;
  }
  let value = first & ((1 << (8 - length)) - 1);
  for (let index = 1; index < length; index += 1) {
    value = value * 256 + data[offset + index]!;
  }
  return { value: value >= 2 ** (7 * length) - 1 ? undefined : value, end: offset + length };
}
