/** A piece of a video: RGB bytes `[time, height, width, 3]`. */
export interface VideoClip {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Cuts a window out of every frame of a clip, and mirrors it where asked. */
export function cropClip(
  { frames, height, width, data }: VideoClip,
  { left, top, size, mirrored }: { left: number; top: number; size: number; mirrored: boolean },
): VideoClip {
  const cut = new Uint8Array(frames * size * size * 3);
  for (let row = 0; row < frames * size; row++) {
    const [frame, y] = [Math.floor(row / size), row % size];
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

/** Half of a difference, a half itself to the even number, as Python rounds. */
export function halfToEven(difference: number): number {
  const half = difference / 2;
  return half % 1 === 0.5 ? 2 * Math.round(half / 2) : half;
}
