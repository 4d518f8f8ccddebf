import { CheckpointError } from '@od-vae/core/base';

import type { Reader } from '@zip.js/zip.js';

import type { ByteSource } from './byte-source.ts';
import { assertDirectoryInPlace } from './zip-end.ts';

/** The archive of `torch.save`: entries lie in it as they are, so each is a byte range of the file. */
export interface TorchArchive {
  /** Bytes of an entry such as `data.pkl` or `data/0`, or undefined when the archive has none of that name. */
  sizeOf(name: string): number | undefined;
  /** Bytes `[begin, end)` of an entry. */
  read(name: string, begin: number, end: number): Promise<Uint8Array>;
}

interface Place {
  /** Where the entry's own header lies. */
  readonly offset: number;
  readonly size: number;
}

const MAX_ENTRIES = 200_000;
const PICKLE_ENTRY = 'data.pkl';
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;

/**
 * Reads the directory of a PyTorch archive, and nothing else of it.
 *
 * @throws CheckpointError when the file is no such archive, cut short, compressed or encrypted
 */
export async function openTorchArchive(source: ByteSource): Promise<TorchArchive> {
  await assertDirectoryInPlace(source);
  const entries = await readDirectory(source);
  const pickleName = [...entries.keys()].find((name) => name.endsWith(`/${PICKLE_ENTRY}`));
  if (pickleName === undefined) {
    throw new CheckpointError(`${source.label} is a zip archive without ${PICKLE_ENTRY}, so no PyTorch checkpoint.`);
  }
  const root = pickleName.slice(0, -PICKLE_ENTRY.length);
  const placeOf = (name: string): Place => {
    const place = entries.get(root + name);
    if (!place) throw new CheckpointError(`${source.label} has no entry ${root}${name}.`);
    return place;
  };
  return {
    sizeOf: (name) => entries.get(root + name)?.size,
    read: async (name, begin, end) => {
      const place = placeOf(name);
      const start = await dataStart(source, root + name, place);
      return source.read(start + begin, start + Math.min(end, place.size));
    },
  };
}

/** A source as zip.js reads it. The entry without writers and workers exports no class to extend; these two are used. */
function zipSource(source: ByteSource): Reader<ByteSource> {
  const reader = {
    size: source.size,
    readUint8Array: (index: number, length: number) => {
      const begin = Math.min(index, source.size);
      return source.read(begin, Math.min(begin + length, source.size));
    },
  };
  return reader as unknown as Reader<ByteSource>;
}

async function readDirectory(source: ByteSource): Promise<Map<string, Place>> {
  const { ZipReader } = await import('@zip.js/zip.js/lib/zip-core-reader.js');
  const places = new Map<string, Place>();
  try {
    for await (const entry of new ZipReader(zipSource(source)).getEntriesGenerator()) {
      if (places.size === MAX_ENTRIES)
        throw new CheckpointError(`${source.label} has more than ${MAX_ENTRIES} entries.`);
      checkStored(entry, source.label);
      if (places.has(entry.filename))
        throw new CheckpointError(`${source.label} has the entry ${entry.filename} twice.`);
      places.set(entry.filename, { offset: entry.offset, size: entry.uncompressedSize });
    }
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(
      `${source.label} begins as a zip archive, but its directory cannot be read (${(error as Error).message}); it may be cut short.`,
      { cause: error },
    );
  }
  return places;
}

/** What is asked of every entry of an archive. */
interface DirectoryEntry {
  filename: string;
  encrypted: boolean;
  compressionMethod: number;
  compressedSize: number;
  uncompressedSize: number;
}

function checkStored(entry: DirectoryEntry, label: string): void {
  if (/^[^/]+\/(?:constants\.pkl$|code\/)/.test(entry.filename)) {
    throw new CheckpointError(
      `${label} is a TorchScript archive, which is not read; save torch.jit.load(…).state_dict() with torch.save.`,
    );
  }
  if (entry.encrypted) throw new CheckpointError(`${label}: ${entry.filename} is encrypted, which PyTorch never does.`);
  if (entry.compressionMethod !== 0 || entry.compressedSize !== entry.uncompressedSize) {
    throw new CheckpointError(
      `${label}: ${entry.filename} is compressed (method ${entry.compressionMethod}), but PyTorch stores entries as they are; save it again with torch.save.`,
    );
  }
}

async function dataStart(source: ByteSource, name: string, { offset, size }: Place): Promise<number> {
  const header = await source.read(offset, offset + LOCAL_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset);
  const start = offset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (view.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE || start + size > source.size) {
    throw new CheckpointError(
      `${source.label}: the entry ${name} of ${size} bytes does not lie where the directory says.`,
    );
  }
  return start;
}
