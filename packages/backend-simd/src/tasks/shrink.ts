import type { Workspace } from '../workspace.ts';
import type { ConvolutionGeometry } from './convolution-geometry.ts';
import { blendedFrames, neighbours, type Share } from './enlarge.ts';

/** Inputs of {@link shrink}. */
export interface ShrinkArguments {
  readonly geometry: ConvolutionGeometry;
  /** Gradient of the enlarged clip. */
  readonly x: Float32Array;
  /** Gradient of the clip as stored. */
  readonly y: Float32Array;
}

/** The enlargement's transpose for one stored frame: each pixel collects its share of all that it had a part in. */
export function shrink(_space: Workspace, { geometry, x, y }: ShrinkArguments, job: number): void {
  const { source, input, channels } = geometry;
  const { time, mode } = geometry.enlargement!;
  const sharesOf = (position: number, size: number): readonly Share[] =>
    mode === 'trilinear' ? neighbours(position, size) : [[position >> 1, 1]];
  const frameShares = (frame: number): readonly Share[] => (time ? blendedFrames(frame, source.time) : [[frame, 1]]);
  const frames = transposed(source.time, input.time, frameShares)[job % source.time]!;
  const rows = transposed(source.height, input.height, (row) => sharesOf(row, source.height));
  const columns = transposed(source.width, input.width, (column) => sharesOf(column, source.width));
  const batch = Math.floor(job / source.time);
  const line = new Float32Array(input.width * channels);
  let to = job * source.height * source.width * channels;
  for (const parts of rows) {
    line.fill(0);
    for (const [frame, share] of frames) {
      for (const [row, part] of parts) {
        const from = ((batch * input.time + frame) * input.height + row) * line.length;
        addScaled(line, x, from, share * part);
      }
    }
    for (const shares of columns) {
      y.fill(0, to, to + channels);
      for (const [column, share] of shares) {
        const from = column * channels;
        for (let channel = 0; channel < channels; channel++) y[to + channel]! += share * line[from + channel]!;
      }
      to += channels;
    }
  }
}

function addScaled(line: Float32Array, x: Float32Array, from: number, factor: number): void {
  for (let i = 0; i < line.length; i++) line[i]! += factor * x[from + i]!;
}

/** For each stored position the enlarged ones that it has a share in. */
function transposed(size: number, larger: number, shares: (position: number) => readonly Share[]): Share[][] {
  const lists: Share[][] = Array.from({ length: size }, () => []);
  for (let position = 0; position < larger; position++) {
    for (const [index, share] of shares(position)) lists[index]!.push([position, share]);
  }
  return lists;
}
