/** One image of a GIF, still packed. */
export interface GifImage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** Three bytes a colour; undefined where the file has none for it. */
  readonly colours: Uint8Array | undefined;
  /** Bits of a colour index, as the file says. */
  readonly codeSize: number;
  readonly data: Uint8Array;
  readonly control: GifControl;
}

/** What a control extension says of the image that follows. */
interface GifControl {
  /** What happens to the image before the next: 2 clears it, 3 brings back what was there before. */
  readonly disposal: number;
  /** Hundredths of a second; 0 where nothing is said. */
  readonly delay: number;
  readonly transparentIndex: number | undefined;
}

/** A GIF taken apart as far as it can be. */
export interface GifFile {
  readonly width: number;
  readonly height: number;
  readonly images: readonly GifImage[];
  /** Where the file stops to make sense, if it does before its own end. */
  readonly damagedAt: number | undefined;
}

const NO_CONTROL: GifControl = { disposal: 0, delay: 0, transparentIndex: undefined };
const EXTENSION = 0x21;
const CONTROL = 0xf9;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** The file ends within a part of it, or a part has a size that it cannot have. */
class Damage extends Error {}

/** Bytes taken one after the other. */
class Taker {
  position = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.length) throw new Damage();
    const part = this.bytes.subarray(this.position, end);
    this.position = end;
    return part;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  word(): number {
    const [low, high] = this.take(2);
    return low! + 256 * high!;
  }

  /** Whether nothing but zeros is left. */
  isOver(): boolean {
    return this.bytes.subarray(this.position).every((byte) => byte === 0);
  }

  /** Blocks up to the empty one, or up to the end of the file, joined. */
  blocks(): Uint8Array {
    const parts: Uint8Array[] = [];
    const next = () => (parts.length > 0 && this.position === this.bytes.length ? 0 : this.byte());
    for (let length = next(); length > 0; length = next()) parts.push(this.take(length));
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  colours(packed: number): Uint8Array | undefined {
    return packed & 0x80 ? this.take(3 << ((packed & 7) + 1)) : undefined;
  }
}

/** Takes a GIF apart; undefined where it is none from its first bytes on. */
export function parseGif(bytes: Uint8Array): GifFile | undefined {
  if (bytes.length < 13 || !/^GIF8[79]a$/.test(String.fromCharCode(...bytes.subarray(0, 6)))) return undefined;
  const taker = new Taker(bytes);
  taker.take(6);
  const [width, height, packed] = [taker.word(), taker.word(), taker.byte()];
  taker.take(2);
  const images: GifImage[] = [];
  let begin = taker.position;
  try {
    const shared = taker.colours(packed);
    let control = NO_CONTROL;
    // The trailer may be missing, but not after a control extension, which announces an image.
    while (images.length === 0 || control !== NO_CONTROL || !taker.isOver()) {
      const kind = taker.byte();
      if (kind === TRAILER) break;
      if (kind === EXTENSION) control = takeExtension(taker) ?? control;
      else if (kind === IMAGE) {
        images.push({ ...takeImage(taker, shared), control });
        control = NO_CONTROL;
      } else return { width, height, images, damagedAt: begin };
      begin = taker.position;
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { width, height, images, damagedAt: begin };
  }
  return { width, height, images, damagedAt: undefined };
}

function takeExtension(taker: Taker): GifControl | undefined {
  const label = taker.byte();
  const data = taker.blocks();
  if (label !== CONTROL) return undefined;
  if (data.length !== 4) throw new Damage();
  const [packed, low, high, index] = data;
  return {
    disposal: (packed! >> 2) & 7,
    delay: low! + 256 * high!,
    transparentIndex: packed! & 1 ? index : undefined,
  };
}

function takeImage(taker: Taker, shared: Uint8Array | undefined): Omit<GifImage, 'control'> {
  const [left, top, width, height] = [taker.word(), taker.word(), taker.word(), taker.word()];
  const packed = taker.byte();
  const colours = taker.colours(packed) ?? shared;
  const codeSize = taker.byte();
  return { left, top, width, height, interlaced: (packed & 0x40) !== 0, colours, codeSize, data: taker.blocks() };
}
