/** Longest code of a GIF, in bits. */
const MAX_BITS = 12;

/** Why the pixels of an image cannot be unpacked. */
export type LzwDamage = 'ends early' | 'has a code that was never defined';

/**
 * Unpacks the colour indices of one image into `pixels`, which they must fill.
 *
 * @param data the image's blocks one after the other, without their lengths
 * @param codeSize bits of a colour index, 1 to 8
 * @returns what is wrong with the data; undefined where all pixels came
 */
export function unpackLzw(data: Uint8Array, codeSize: number, pixels: Uint8Array): LzwDamage | undefined {
  const codes = new CodeReader(data);
  const strings = new StringTable(codeSize);
  const clear = 1 << codeSize;
  let filled = 0;
  while (filled < pixels.length) {
    const code = codes.next(strings.width);
    if (code === undefined || code === clear + 1) return 'ends early';
    if (code === clear) strings.clear();
    else if (strings.define(code)) filled = strings.put(code, pixels, filled);
    else return 'has a code that was never defined';
  }
  return undefined;
}

/** Numbers of any width out of bytes, the lowest bits first. */
class CodeReader {
  readonly #data: Uint8Array;
  #held = 0;
  #heldBits = 0;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** Undefined at the end of the data. */
  next(width: number): number | undefined {
    for (; this.#heldBits < width; this.#heldBits += 8) {
      if (this.#at === this.#data.length) return undefined;
      this.#held |= this.#data[this.#at]! << this.#heldBits;
      this.#at += 1;
    }
    const code = this.#held & ((1 << width) - 1);
    this.#held >>>= width;
    this.#heldBits -= width;
    return code;
  }
}

/** The strings of indices that codes stand for: each is another one and one index more. */
class StringTable {
  /** Bits of the next code. */
  width = 0;
  readonly #codeSize: number;
  readonly #prefix = new Uint16Array(1 << MAX_BITS);
  readonly #last: Uint8Array;
  readonly #lengths = new Uint16Array(1 << MAX_BITS).fill(1);
  #next = 0;
  #previous = -1;

  constructor(codeSize: number) {
    this.#codeSize = codeSize;
    this.#last = new Uint8Array(1 << MAX_BITS).map((_, code) => code & ((1 << codeSize) - 1));
    this.clear();
  }

  clear(): void {
    this.width = this.#codeSize + 1;
    this.#next = (1 << this.#codeSize) + 2;
    this.#previous = -1;
  }

  /** Takes a code, which defines the next one; false where it is itself not defined. */
  define(code: number): boolean {
    const next = this.#next;
    const isLast = code === next && this.#previous >= 0 && next < 1 << MAX_BITS;
    if (code >= next && !isLast) return false;
    if (this.#previous >= 0 && next < 1 << MAX_BITS) {
      this.#prefix[next] = this.#previous;
      this.#lengths[next] = this.#lengths[this.#previous]! + 1;
      this.#last[next] = this.#firstOf(isLast ? this.#previous : code);
      this.#next += 1;
      if (this.#next === 1 << this.width && this.width < MAX_BITS) this.width += 1;
    }
    this.#previous = code;
    return true;
  }

  #firstOf(code: number): number {
    let first = code;
    for (let left = this.#lengths[code]!; left > 1; left -= 1) first = this.#prefix[first]!;
    return this.#last[first]!;
  }

  /** Writes a string from its end to its beginning; what is beyond the image is dropped. */
  put(code: number, pixels: Uint8Array, start: number): number {
    const end = start + this.#lengths[code]!;
    for (let place = end - 1, part = code; place >= start; place -= 1, part = this.#prefix[part]!) {
      if (place < pixels.length) pixels[place] = this.#last[part]!;
    }
    return Math.min(end, pixels.length);
  }
}
