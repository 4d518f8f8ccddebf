import { CheckpointError } from '@od-vae/core/base';

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true });
const latin1 = /* @__PURE__ */ new TextDecoder('latin1');

/** The bytes of a pickle, taken from front to back; reading beyond the end is an error. */
export class PickleStream {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position;
  }

  #skip(length: number): number {
    const begin = this.#position;
    if (length > this.#bytes.length - begin) {
      throw new CheckpointError(
        `The pickle is cut short: ${length} bytes are needed at ${begin}, but it ends at ${this.#bytes.length}.`,
      );
    }
    this.#position = begin + length;
    return begin;
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** A 64-bit length; any that does not fit in the pickle fails when it is used. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  /** Big-endian, as pickles hold them. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  bytes(length: number): Uint8Array {
    const begin = this.#skip(length);
    return this.#bytes.subarray(begin, begin + length);
  }

  /** Text in UTF-8; Python's lone surrogates are refused. */
  text(length: number): string {
    const begin = this.#position;
    try {
      return utf8.decode(this.bytes(length));
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      throw new CheckpointError(`The pickle has text at ${begin} that is not valid UTF-8.`, { cause: error });
    }
  }

  /** Text of one byte a character, which Python 2 wrote. */
  latin1(length: number): string {
    return latin1.decode(this.bytes(length));
  }

  /** ASCII up to the end of the line. */
  line(): string {
    const length = this.#bytes.subarray(this.#position).indexOf(0x0a);
    if (length < 0) throw new CheckpointError(`The pickle is cut short: a line at ${this.#position} does not end.`);
    const text = this.latin1(length);
    this.#skip(1);
    return text;
  }

  /** Signed little-endian integer of any length up to 1 KiB; a bigint where a number would lose digits. */
  integer(length: number): number | bigint {
    if (length > 1024)
      throw new CheckpointError(`The pickle has an integer of ${length} bytes, but at most 1024 are read.`);
    let value = 0n;
    for (const [index, byte] of this.bytes(length).entries()) value |= BigInt(byte) << BigInt(8 * index);
    return smallest(BigInt.asIntN(8 * length, value));
  }

  /** Signed integer in decimal on a line, with the `L` that Python 2 put behind it. */
  decimal(): number | bigint {
    return decimalOf(this.line());
  }

  /** A float in Python's decimal writing, `inf` and `nan` among them. */
  decimalFloat(): number {
    return Number(this.line().replace('inf', 'Infinity'));
  }

  /** A line of text with Python's escapes of characters beyond Latin-1. */
  escapedText(): string {
    return this.line().replaceAll(/\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/g, (_, short: string, long: string) =>
      String.fromCodePoint(Math.min(Number.parseInt(short ?? long, 16), 0x10ffff)),
    );
  }

  /** An integer in decimal, where protocol 0 writes truth as `01` and `00`. */
  decimalOrTruth(): number | bigint | boolean {
    const line = this.line();
    return line === '01' || line === '00' ? line === '01' : decimalOf(line);
  }
}

function decimalOf(line: string): number | bigint {
  if (!/^-?\d{1,1024}L?$/.test(line)) throw new CheckpointError('The pickle has an integer that is not decimal.');
  return smallest(BigInt(line.replace('L', '')));
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
