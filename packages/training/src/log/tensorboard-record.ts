import { crc32c } from './crc32c.ts';

/** A picture for TensorBoard, encoded as PNG. */
export interface LoggedImage {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

/** What a TensorBoard event says: numbers and pictures of one step. */
export interface LoggedEvent {
  /** Seconds since 1970. */
  readonly time: number;
  readonly step: number;
  readonly scalars?: Readonly<Record<string, number>> | undefined;
  readonly images?: Readonly<Record<string, LoggedImage>> | undefined;
}

/** The first record of an event file. */
export function versionRecord(time: number): Uint8Array {
  return record(join([double(1, time), bytes(3, new TextEncoder().encode('brain.Event:2'))]));
}

/** One record of an event file: a `tensorflow.Event` between its length and its checksums. */
export function eventRecord({ time, step, scalars = {}, images = {} }: LoggedEvent): Uint8Array {
  const values = [
    ...Object.entries(scalars).map(([tag, value]) => join([text(1, tag), float(2, value)])),
    ...Object.entries(images).map(([tag, picture]) => join([text(1, tag), bytes(4, imageMessage(picture))])),
  ];
  const summary = join(values.map((value) => bytes(1, value)));
  return record(join([double(1, time), varint(2, step), bytes(5, summary)]));
}

function imageMessage({ width, height, png }: LoggedImage): Uint8Array {
  return join([varint(1, height), varint(2, width), varint(3, 3), bytes(4, png)]);
}

function record(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return join([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

function maskedChecksum(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  return fixed32((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
}

// Fields of a protocol buffer: (number << 3 | wire type), then the value.

function varint(field: number, value: number): Uint8Array {
  return join([base128(field << 3), base128(value)]);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return join([base128((field << 3) | 2), base128(value.length), value]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

function double(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(8);
  new DataView(encoded.buffer).setFloat64(0, value, true);
  return join([base128((field << 3) | 1), encoded]);
}

function float(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setFloat32(0, value, true);
  return join([base128((field << 3) | 5), encoded]);
}

function fixed32(value: number): Uint8Array {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setUint32(0, value, true);
  return encoded;
}

function base128(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    digits.push(rest > 0 ? digit + 128 : digit);
  } while (rest > 0);
  return Uint8Array.from(digits);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}
