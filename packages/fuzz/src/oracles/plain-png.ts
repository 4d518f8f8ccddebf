import { inflateSync } from 'node:zlib';

/** The pixels of a PNG of 8 bits that is not interlaced, in RGB; undefined for other kinds. Throws where it is damaged. */
export function plainPng(bytes: Uint8Array): { width: number; height: number; data: Uint8Array } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, kind, , , interlaced] = bytes.subarray(24, 29);
  const channels = { 0: 1, 2: 3 }[kind!];
  if (depth !== 8 || channels === undefined || interlaced !== 0) return undefined;
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (/^(tRNS|gAMA|iCCP|sRGB|cHRM|eXIf)$/.test(name)) return undefined;
    const whole = at + 12 + length <= bytes.length;
    if (!whole || view.getUint32(at + 8 + length) !== crc32(bytes.subarray(at + 4, at + 8 + length))) {
      // What follows the pixels changes none of them.
      if (parts.length > 0 && name !== 'IDAT') break;
      throw new Error(`${name} is damaged`);
    }
    if (name === 'IDAT') parts.push(data);
    at += 12 + length;
    if (name === 'IEND') break;
  }
  const rows = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  const data = new Uint8Array(width * height * 3);
  for (let index = 0; index < data.length; index++) data[index] = rows[channels === 3 ? index : Math.floor(index / 3)]!;
  return { width, height, data };
}

function unfilter(raw: Uint8Array, stride: number, height: number, step: number): Uint8Array {
  if (raw.length < (stride + 1) * height) throw new Error('rows are missing');
  const rows = new Uint8Array(stride * height);
  const at = (row: number, column: number): number => (row < 0 || column < 0 ? 0 : rows[row * stride + column]!);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)]!;
    for (let column = 0; column < stride; column++) {
      const [left, up, corner] = [
        at(row, column - step),
        at(row - 1, column),
        column < step ? 0 : at(row - 1, column - step),
      ];
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      if (predicted === undefined) throw new Error(`there is no filter ${filter}`);
      rows[row * stride + column] = raw[row * (stride + 1) + 1 + column]! + predicted;
    }
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The checksum at the end of a PNG's chunk, of its name and data. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
