import { type LumaMatrix, lumaWeights, sampleRange } from './colour-matrix.ts';
import type { Pixels } from './picture.ts';
import type { PlanarPicture, Plane } from './planar-picture.ts';
import type { Colour } from './types.ts';

/** What each sample value adds to red, green and blue, in 0..255. */
interface Tables {
  readonly luma: Float32Array;
  readonly redOfV: Float32Array;
  readonly greenOfU: Float32Array;
  readonly greenOfV: Float32Array;
  readonly blueOfU: Float32Array;
}

const tableCache = new Map<string, Tables>();

/**
 * Turns a planar picture into RGB with the matrix and range it was made with.
 *
 * Chroma is nearest: every pixel takes the sample of the block it lies in. Transparent pixels are laid over white.
 */
export function yuvToRgb(picture: PlanarPicture, colour: Colour): Pixels {
  const { width, height } = picture;
  const data = new Uint8ClampedArray(width * height * 3);
  const { matrix, range } = colour;
  if (!picture.chroma) {
    fillGrey(picture, data, lumaTable(range, picture.bits));
  } else if (matrix === 'rgb') {
    fillIdentity(picture, picture.chroma, data, lumaTable(range, picture.bits));
  } else if (matrix === 'ycgco') {
    fillYCgCo(picture, picture.chroma, data, range);
  } else {
    fillColour(picture, picture.chroma, data, tablesFor(matrix, range, picture.bits));
  }
  if (picture.alpha) {
    layOverWhite(data, picture.alpha, picture);
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

function fillColour(
  picture: PlanarPicture,
  [planeU, planeV]: readonly [Plane, Plane],
  data: Uint8ClampedArray,
  tables: Tables,
): void {
  const { width, height, luma } = picture;
  const [shiftX, shiftY] = picture.chromaShift;
  const { luma: lumaTable, redOfV, greenOfU, greenOfV, blueOfU } = tables;
  const mask = lumaTable.length - 1;
  let out = 0;
  for (let row = 0; row < height; row += 1) {
    const lumaRow = row * luma.stride;
    const rowU = (row >> shiftY) * planeU.stride;
    const rowV = (row >> shiftY) * planeV.stride;
    for (let column = 0; column < width; column += 1) {
      const y = lumaTable[luma.samples[lumaRow + column]! & mask]!;
      const u = planeU.samples[rowU + (column >> shiftX)]! & mask;
      const v = planeV.samples[rowV + (column >> shiftX)]! & mask;
      data[out] = y + redOfV[v]!;
      data[out + 1] = y + greenOfU[u]! + greenOfV[v]!;
      data[out + 2] = y + blueOfU[u]!;
      out += 3;
    }
  }
}

function fillGrey(picture: PlanarPicture, data: Uint8ClampedArray, table: Float32Array): void {
  const { width, height, luma } = picture;
  for (let row = 0, out = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, out += 3) {
      data.fill(table[luma.samples[row * luma.stride + column]!]!, out, out + 3);
    }
  }
}

/** RGB kept in planes lies in the order green, blue, red. */
function fillIdentity(
  picture: PlanarPicture,
  [blue, red]: readonly [Plane, Plane],
  data: Uint8ClampedArray,
  table: Float32Array,
): void {
  const { width, height, luma: green } = picture;
  for (let row = 0, out = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, out += 3) {
      data[out] = table[red.samples[row * red.stride + column]!]!;
      data[out + 1] = table[green.samples[row * green.stride + column]!]!;
      data[out + 2] = table[blue.samples[row * blue.stride + column]!]!;
    }
  }
}

/**
 * Converts YCgCo: the chroma planes hold green and orange difference.
 *
 * Limited range spans 224 steps of chroma, as in FFmpeg's `zscale` and in libplacebo.
 */
function fillYCgCo(
  picture: PlanarPicture,
  [planeCg, planeCo]: readonly [Plane, Plane],
  data: Uint8ClampedArray,
  range: Colour['range'],
): void {
  const { width, height, luma, bits } = picture;
  const [shiftX, shiftY] = picture.chromaShift;
  const { chromaSpan, middle } = sampleRange(range, bits);
  const toLuma = lumaTable(range, bits);
  const scale = 255 / chromaSpan;
  for (let row = 0, out = 0; row < height; row += 1) {
    const rowCg = (row >> shiftY) * planeCg.stride;
    const rowCo = (row >> shiftY) * planeCo.stride;
    for (let column = 0; column < width; column += 1, out += 3) {
      const y = toLuma[luma.samples[row * luma.stride + column]!]!;
      const green = (planeCg.samples[rowCg + (column >> shiftX)]! - middle) * scale;
      const orange = (planeCo.samples[rowCo + (column >> shiftX)]! - middle) * scale;
      data[out] = y - green + orange;
      data[out + 1] = y + green;
      data[out + 2] = y - green - orange;
    }
  }
}

function layOverWhite(data: Uint8ClampedArray, alpha: Plane, { width, height, bits }: PlanarPicture): void {
  const opaque = 2 ** bits - 1;
  for (let row = 0, out = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const opacity = alpha.samples[row * alpha.stride + column]! / opaque;
      for (let channel = 0; channel < 3; channel += 1, out += 1) {
        data[out] = data[out]! * opacity + 255 * (1 - opacity);
      }
    }
  }
}

/** Values of luma, or of planes that hold RGB. */
function lumaTable(range: Colour['range'], bits: number): Float32Array {
  return tablesFor('bt601', range, bits).luma;
}

function tablesFor(matrix: LumaMatrix, range: Colour['range'], bits: number): Tables {
  const key = `${matrix} ${range} ${bits}`;
  let tables = tableCache.get(key);
  if (!tables) {
    tables = makeTables(matrix, range, bits);
    tableCache.set(key, tables);
  }
  return tables;
}

function makeTables(matrix: LumaMatrix, range: Colour['range'], bits: number): Tables {
  const [red, green, blue] = lumaWeights(matrix);
  const { black, lumaSpan, chromaSpan, middle } = sampleRange(range, bits);
  const table = (scale: number, zero: number) =>
    Float32Array.from({ length: 2 ** bits }, (_, sample) => (sample - zero) * scale);
  const perChroma = (2 * 255) / chromaSpan;
  return {
    luma: table(255 / lumaSpan, black),
    redOfV: table((1 - red) * perChroma, middle),
    greenOfU: table((-blue * (1 - blue) * perChroma) / green, middle),
    greenOfV: table((-red * (1 - red) * perChroma) / green, middle),
    blueOfU: table((1 - blue) * perChroma, middle),
  };
}
