/** A YUV4MPEG2 file of 8 to 16 bits, read in the plainest way; throws where the format is broken. */
export function plainY4m(bytes: Uint8Array): { width: number; height: number; fps: number; frames: Uint8Array[] } {
  const text = (from: number): string => {
    const end = bytes.indexOf(0x0a, from);
    if (end < 0) throw new Error('a line does not end');
    return String.fromCharCode(...bytes.subarray(from, end));
  };
  const first = text(0);
  const [magic, ...words] = first.split(' ');
  if (magic !== 'YUV4MPEG2') throw new Error('it does not begin with YUV4MPEG2');
  const tag = (letter: string): string | undefined =>
    words.findLast((word) => word.startsWith(letter))?.slice(letter.length);
  const [width, height] = [whole(tag('W')), whole(tag('H'))];
  const sampling = tag('C') ?? '420';
  const full = tag('XCOLORRANGE=') === 'FULL';
  if (![undefined, 'FULL', 'LIMITED'].includes(tag('XCOLORRANGE='))) throw new Error('the range is none');
  const layout = layoutOf(sampling);
  const frames: Uint8Array[] = [];
  let at = first.length + 1;
  while (at < bytes.length) {
    const line = text(at);
    if (!/^FRAME( .*)?$/.test(line)) throw new Error('there is no FRAME line');
    at += line.length + 1;
    const { planes, end } = takePlanes(bytes, at, width, height, layout);
    frames.push(toRgb(planes, width, height, layout, full || layout.grey));
    at = end;
  }
  return { width, height, fps: rate(tag('F')), frames };
}

interface Layout {
  readonly across: number;
  readonly down: number;
  readonly grey: boolean;
  readonly alpha: boolean;
  readonly bits: number;
}

function whole(text: string | undefined): number {
  if (!/^\d+$/.test(text ?? '')) throw new Error(`${text} is no side`);
  return Number(text);
}

function rate(text: string | undefined): number {
  if (text === undefined) return 25;
  const match = /^(\d+):(\d+)$/.exec(text);
  if (!match) throw new Error(`${text} is no rate`);
  const value = Number(match[1]) / Number(match[2]);
  return Number.isFinite(value) && value > 0 ? value : 25;
}

function layoutOf(name: string): Layout {
  const match = /^(?:(420)(?:jpeg|mpeg2|paldv)?|(422|444|411|440|mono)|(444)alpha)(?:p(\d+))?$|^(mono)(\d+)$/.exec(
    name,
  );
  if (!match) throw new Error(`there is no sampling ${name}`);
  const kind = match[1] ?? match[2] ?? match[3] ?? match[5]!;
  return {
    across: { 420: 2, 422: 2, 411: 4 }[kind] ?? 1,
    down: { 420: 2, 440: 2 }[kind] ?? 1,
    grey: kind === 'mono',
    alpha: match[3] !== undefined,
    bits: Number(match[4] ?? match[6] ?? 8),
  };
}

function takePlanes(bytes: Uint8Array, start: number, width: number, height: number, layout: Layout) {
  const { across, down, grey, alpha, bits } = layout;
  const size = width * height;
  const chroma = grey ? 0 : Math.ceil(width / across) * Math.ceil(height / down);
  const counts = [size, chroma, chroma, alpha ? size : 0];
  const bytesPer = bits > 8 ? 2 : 1;
  let at = start;
  const planes = counts.map((count) => {
    if (at + count * bytesPer > bytes.length) throw new Error('the last frame is cut short');
    const plane = Array.from({ length: count }, (_, index) =>
      bytesPer === 1 ? bytes[at + index]! : bytes[at + 2 * index]! + 256 * bytes[at + 2 * index + 1]!,
    );
    if (plane.some((value) => value >= 2 ** bits)) throw new Error(`a sample has more than ${bits} bits`);
    at += count * bytesPer;
    return plane;
  });
  return { planes, end: at };
}

function toRgb(
  [luma, blue, red, opacity]: number[][],
  width: number,
  height: number,
  layout: Layout,
  full: boolean,
): Uint8Array {
  const unit = 2 ** (layout.bits - 8);
  const top = 2 ** layout.bits - 1;
  const [black, span, chromaSpan] = full ? [0, top, top] : [16 * unit, 219 * unit, 224 * unit];
  const [weightRed, weightBlue] = height >= 720 ? [0.2126, 0.0722] : [0.299, 0.114];
  const stride = Math.ceil(width / layout.across);
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const chroma =
      Math.floor(Math.floor(pixel / width) / layout.down) * stride + Math.floor((pixel % width) / layout.across);
    const y = ((luma![pixel]! - black) / span) * 255;
    const cb = layout.grey ? 0 : ((blue![chroma]! - 128 * unit) / chromaSpan) * 510;
    const cr = layout.grey ? 0 : ((red![chroma]! - 128 * unit) / chromaSpan) * 510;
    const r = y + (1 - weightRed) * cr;
    const b = y + (1 - weightBlue) * cb;
    const g = (y - weightRed * r - weightBlue * b) / (1 - weightRed - weightBlue);
    const share = layout.alpha ? opacity![pixel]! / top : 1;
    for (const [channel, value] of [r, g, b].entries()) {
      const shown = Math.min(255, Math.max(0, value));
      data[3 * pixel + channel] = Math.round(shown * share + 255 * (1 - share));
    }
  }
  return data;
}
