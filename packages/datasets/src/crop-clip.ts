/** A piece of a video: RGB bytes `[time, height, width, 3]`. */
export interface VideoClip {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Where a window lies along one axis, px. */
export interface WindowSpan {
  /** Its edge in the first frame. */
  readonly start: number;
  /** How far it has moved in the last frame. */
  readonly travel: number;
}

/** What is cut out of a clip. */
export interface CropWindow {
  readonly columns: WindowSpan;
  readonly rows: WindowSpan;
  /** Height and width, px. */
  readonly size: number;
  readonly mirrored: boolean;
}

/** Cuts a window, which may move at an even speed, out of the frames of a clip, and mirrors it where asked. */
export function cropClip(
  { frames, height, width, data }: VideoClip,
  { columns, rows, size, mirrored }: CropWindow,
): VideoClip {
  const cut = new Uint8Array(frames * size * size * 3);
  for (let row = 0; row < frames * size; row++) {
    const [frame, y] = [Math.floor(row / size), row % size];
    const passed = frames === 1 ? 0 : frame / (frames - 1);
    const [left, top] = [edgeAt(columns, passed), edgeAt(rows, passed)];
    const from = 3 * ((frame * height + top + y) * width + left);
    const to = 3 * row * size;
    if (!mirrored) {
      cut.set(data.subarray(from, from + 3 * size), to);
      continue;
    }
    for (let x = 0; x < size; x++) {
      const source = from + 3 * (size - 1 - x);
      cut.set(data.subarray(source, source + 3), to + 3 * x);
    }
  }
  return { frames, height: size, width: size, data: cut };
}

function edgeAt({ start, travel }: WindowSpan, passed: number): number {
  return start + Math.round(passed * travel);
}

/** Half of a difference, a half itself to the even number, as Python rounds. */
export function halfToEven(difference: number): number {
  const half = difference / 2;
  return half % 1 === 0.5 ? 2 * Math.round(half / 2) : half;
}
