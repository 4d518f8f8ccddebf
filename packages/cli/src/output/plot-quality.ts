import type { ReconstructReport } from 'od-vae';

const WIDTH = 800;
const HEIGHT = 300;
/** Room for labels: left, top, right, bottom. */
const MARGIN = { left: 56, top: 28, right: 12, bottom: 36 };

type Plotted = Pick<ReconstructReport, 'perFrame' | 'seams' | 'psnr'>;

/** An SVG of the PSNR of every frame, with a line wherever one group of frames follows another. */
export function plotQuality({ perFrame, seams, psnr }: Plotted): string {
  const values = perFrame.map((frame) => frame.psnr);
  const [low, high] = range(values);
  const x = (frame: number) =>
    MARGIN.left + (frame / Math.max(1, values.length - 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  const points = values.map((value, frame) => `${x(frame).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...seams.frames.map((frame) => line(x(frame - 0.5), top, x(frame - 0.5), bottom, '#c44', 'stroke-dasharray="4 3"')),
    ...ticks(low, high).map(
      (value) =>
        line(MARGIN.left, y(value), WIDTH - MARGIN.right, y(value), '#ddd') +
        text(MARGIN.left - 6, y(value) + 4, `${value}`, 'end'),
    ),
    ...ticks(0, values.length - 1, 8).map((frame) => text(x(frame), bottom + 16, `${frame}`, 'middle')),
    line(MARGIN.left, bottom, WIDTH - MARGIN.right, bottom, '#888'),
    `<polyline points="${points}" fill="none" stroke="#26c" stroke-width="1.5"/>`,
    text(MARGIN.left, 18, `PSNR in dB, ${psnr.toFixed(2)} on average; dashed where groups meet`, 'start'),
    text(WIDTH / 2, HEIGHT - 6, 'frame', 'middle'),
    '</svg>\n',
  ].join('\n');
}

/** The values with a little room around them. */
function range(values: readonly number[]): [low: number, high: number] {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const room = Math.max(0.5, (high - low) / 10);
  return [low - room, high + room];
}

/** Round numbers between two values, at most so many. */
function ticks(low: number, high: number, most = 6): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-9)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toFixed(6)));
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, more = ''): string {
  const at = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="${colour}" ${more}/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#333">${content}</text>`;
}
