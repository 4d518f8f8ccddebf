import { CheckpointError } from '@od-vae/core/base';

import { type DType, isDType, tensorBytes } from './dtype.ts';
import { duplicateKey } from './duplicate-key.ts';
import { isJsonObject, type JsonObject, parseJson } from './parse-json.ts';

/** Longest header the official library reads, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes of the header's length, which open a file. */
export const LENGTH_BYTES = 8;

const MAX_RANK = 32;
const MAX_NAME_LENGTH = 1024;

/** What a header says of one tensor; `begin` and `end` count from the first byte after the header. */
interface TensorEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A safetensors header that was found sound. */
export interface SafetensorsHeader {
  readonly metadata: Record<string, string>;
  /** In the order of the header. */
  readonly entries: readonly TensorEntry[];
}

/**
 * Bytes of the header, from the eight bytes that open a file.
 *
 * @throws CheckpointError when it is longer than {@link MAX_HEADER_BYTES} or than the file
 */
export function headerLength(head: Uint8Array, fileBytes: number, label: string): number {
  const length = new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new CheckpointError(`${label}: the header has ${length} bytes, but at most ${MAX_HEADER_BYTES} are read.`);
  }
  if (Number(length) + LENGTH_BYTES > fileBytes) {
    throw new CheckpointError(
      `${label} is cut short: its header ends at ${Number(length) + LENGTH_BYTES}, the file at ${fileBytes}.`,
    );
  }
  return Number(length);
}

/**
 * Reads a header and checks all of it: every tensor has a known type, a size that fits its shape, and a place of its
 * own, and together they fill the data without a hole.
 *
 * @param dataBytes bytes that follow the header
 * @throws CheckpointError naming the tensor and the numbers
 */
export function parseSafetensorsHeader(bytes: Uint8Array, dataBytes: number, label: string): SafetensorsHeader {
  const { text, value } = parseJson(bytes, `The header of ${label}`);
  if (!isJsonObject(value)) throw new CheckpointError(`The header of ${label} must be a JSON object.`);
  const repeated = duplicateKey(text);
  if (repeated !== undefined) throw new CheckpointError(`The header of ${label} has "${repeated}" twice.`);
  const metadata = parseMetadata(value['__metadata__'], label);
  const names = Object.keys(value).filter((name) => name !== '__metadata__');
  const entries = names.map((name) => parseEntry(name, value[name], label));
  checkPlaces(entries, dataBytes, label);
  return { metadata, entries };
}

function parseMetadata(value: unknown, label: string): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw new CheckpointError(`The metadata of ${label} must be an object of strings.`);
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, label: string): TensorEntry {
  if (name === '' || name.length > MAX_NAME_LENGTH) {
    throw new CheckpointError(
      `${label}: a tensor's name has 1 to ${MAX_NAME_LENGTH} characters, one has ${name.length}.`,
    );
  }
  const entry: JsonObject = isJsonObject(value) ? value : {};
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDType(dtype)) {
    const given = typeof dtype === 'string' ? `the type ${dtype}, which is not known` : 'no type such as F32';
    throw new CheckpointError(`"${name}" of ${label} has ${given}.`);
  }
  if (!isNumbers(shape) || shape.length > MAX_RANK) {
    throw new CheckpointError(`"${name}" of ${label} needs a shape of at most ${MAX_RANK} dimensions.`);
  }
  if (!isNumbers(offsets) || offsets.length !== 2) {
    throw new CheckpointError(`"${name}" of ${label} needs two data offsets.`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = tensorBytes(shape, dtype);
  if (bytes === undefined || begin > end || end - begin !== bytes) {
    throw new CheckpointError(
      `"${name}" of ${label} is [${shape}] in ${dtype}, ${bytes ?? 'too many'} bytes, but its offsets are ${begin} to ${end}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

function checkPlaces(entries: readonly TensorEntry[], dataBytes: number, label: string): void {
  const inPlace = entries.toSorted((left, right) => left.begin - right.begin || left.end - right.end);
  let filled = 0;
  for (const { name, begin, end } of inPlace) {
    if (begin !== filled) {
      throw new CheckpointError(
        `"${name}" of ${label} begins at byte ${begin} of the data, but must begin at ${filled}.`,
      );
    }
    filled = end;
  }
  if (filled !== dataBytes) {
    throw new CheckpointError(`${label} holds ${dataBytes} bytes of data, but its header describes ${filled}.`);
  }
}
