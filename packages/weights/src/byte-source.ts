import { CheckpointError } from '@od-vae/core/base';

/** A file whose bytes are read by range, wherever it lies. */
export interface ByteSource {
  /** Name for messages: a path, an address, a file name. */
  readonly label: string;
  /** Bytes in all. */
  readonly size: number;
  /** Bytes `[begin, end)` in memory of their own. */
  read(begin: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** One read asks for at most 1 GiB: files, blobs and servers refuse or cut longer ones. */
export const PIECE_BYTES = 2 ** 30;

/**
 * A byte range put together from pieces, so that a tensor may be longer than one read can be.
 *
 * `readPiece` gives exactly the bytes it is asked for, or throws.
 */
export async function readPieces(
  begin: number,
  end: number,
  readPiece: (begin: number, end: number) => Promise<Uint8Array>,
  pieceBytes: number = PIECE_BYTES,
): Promise<Uint8Array> {
  if (end - begin <= pieceBytes) return end > begin ? readPiece(begin, end) : new Uint8Array(0);
  const bytes = newBytes(end - begin);
  for (let position = begin; position < end; position += pieceBytes) {
    bytes.set(await readPiece(position, Math.min(position + pieceBytes, end)), position - begin);
  }
  return bytes;
}

/**
 * Memory for a byte range.
 *
 * @throws CheckpointError when it is longer than one array can be, 4 GiB in Node 20
 */
export function newBytes(length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (error) {
    throw new CheckpointError(`A tensor of ${length} bytes does not fit into one array here.`, { cause: error });
  }
}

/** Refuses a range that does not lie inside a source. */
export function checkRange(source: { label: string; size: number }, begin: number, end: number): void {
  if (!(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && begin <= end && end <= source.size)) {
    throw new CheckpointError(
      `${source.label} has ${source.size} bytes, but bytes ${begin} to ${end} are needed; it may be cut short.`,
    );
  }
}

/** A Blob or File as a source; nothing is read before it is asked for. */
export function blobSource(blob: Blob, label: string = blobLabel(blob), signal?: AbortSignal): ByteSource {
  const source = { label, size: blob.size };
  return {
    ...source,
    read: async (begin, end) => {
      checkRange(source, begin, end);
      return readPieces(begin, end, async (first, last) => {
        signal?.throwIfAborted();
        return new Uint8Array(await blob.slice(first, last).arrayBuffer());
      });
    },
    close: async () => {},
  };
}

function blobLabel(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' && blob.name ? blob.name : 'the blob';
}
