/** Largest float64 integer step: adding and taking away 2^52 rounds to an integer, ties to even. */
const ROUND_TO_INTEGER = 2 ** 52;

/** Exponent from which on both 16-bit formats overflow. */
const LARGEST_EXPONENT = 127;

/** Gives the bits of a 16-bit float for any number, rounded once, to nearest with ties to even. */
function smallFloatEncoder(exponentBits: number, fractionBits: number): (value: number) => number {
  const smallestExponent = 2 - 2 ** (exponentBits - 1);
  const infinity = (2 ** exponentBits - 1) << fractionBits;
  const quietNaN = infinity | (1 << (fractionBits - 1));
  const scales = Float64Array.from(
    { length: LARGEST_EXPONENT - smallestExponent + 1 },
    (_, index) => 2 ** (fractionBits - smallestExponent - index),
  );
  const float64 = new Float64Array(1);
  const words = new Uint32Array(float64.buffer);
  return (value) => {
    if (value !== value) return quietNaN;
    float64[0] = value;
    const high = words[1]!;
    const sign = (high >>> 31) << 15;
    const level = Math.max(((high >>> 20) & 0x7ff) - 1023 - smallestExponent, 0);
    if (level >= scales.length) return sign | infinity;
    const fraction = Math.abs(value) * scales[level]! + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
    return sign | Math.min((level << fractionBits) + fraction, infinity);
  };
}

/** Bits of the IEEE half-precision float nearest to a number, ties to even; above 65519 it is infinity. */
export const encodeFloat16: (value: number) => number = /* @__PURE__ */ smallFloatEncoder(5, 10);

/** Bits of the bfloat16 nearest to a number, ties to even. */
export const encodeBfloat16: (value: number) => number = /* @__PURE__ */ smallFloatEncoder(8, 7);

/** Value of a half-precision float's 16 bits. */
export function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (fraction + 1024) * 2 ** (exponent - 25);
}

/** Value of a bfloat16's 16 bits. */
export function decodeBfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
