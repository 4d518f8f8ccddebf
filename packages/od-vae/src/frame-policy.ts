import { ShapeError } from '@od-vae/core';
import type { Frame } from '@od-vae/video';

/**
 * What happens to a clip that is not `4n + 1` frames long or whose sides are no multiples of 8: `pad` repeats its last
 * frame and its last rows and columns, and cuts the result back; `trim` drops what is over; `error` refuses.
 */
export type FramePolicy = 'pad' | 'trim' | 'error';

/** Frames and pixels to a latent. */
export interface ModelStrides {
  readonly time: number;
  readonly space: number;
}

/** Frames, rows and columns. */
export interface Extent {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** A side as the model takes it. */
export function fittedSide(side: number, stride: number, policy: FramePolicy): number {
  return policy === 'trim' ? side - (side % stride) : Math.ceil(side / stride) * stride;
}

/** A number of frames as the model takes it: `stride * n + 1`. */
export function fittedFrames(frames: number, stride: number, policy: FramePolicy): number {
  const spare = (frames - 1) % stride;
  if (spare === 0) return frames;
  return policy === 'trim' ? frames - spare : frames - spare + stride;
}

/**
 * The extent that the model sees of a clip.
 *
 * @throws ShapeError when the clip is smaller than one latent, or does not fit and the policy is `error`.
 */
export function fittedExtent(caller: string, clip: Extent, strides: ModelStrides, policy: FramePolicy): Extent {
  const { time, space } = strides;
  if (clip.width < space || clip.height < space) {
    throw new ShapeError(`${caller}: frames must be at least ${space}x${space}, but are ${clip.width}x${clip.height}.`);
  }
  const fitted = {
    frames: fittedFrames(clip.frames, time, policy),
    height: fittedSide(clip.height, space, policy),
    width: fittedSide(clip.width, space, policy),
  };
  if (policy === 'error') assertFitting(caller, clip, fitted, strides);
  return fitted;
}

function assertFitting(caller: string, clip: Extent, fitted: Extent, { time, space }: ModelStrides): void {
  if (clip.frames !== fitted.frames) {
    const shorter = fittedFrames(clip.frames, time, 'trim');
    throw new ShapeError(
      `${caller}: the clip has ${clip.frames} frames, but needs ${time}n + 1 (try ${shorter} or ${fitted.frames}, or another framePolicy).`,
    );
  }
  if (clip.width !== fitted.width || clip.height !== fitted.height) {
    throw new ShapeError(
      `${caller}: frames are ${clip.width}x${clip.height}, but both sides must be multiples of ${space} (or choose another framePolicy).`,
    );
  }
}

/** Describes what {@link FramePolicy} did, after the notes of the video; undefined where there is nothing to say. */
export function policyNote(
  clip: Extent & { readonly notes?: readonly string[] | undefined },
  fitted: Extent,
  { time, space }: ModelStrides,
): string | undefined {
  const parts: string[] = [];
  const added = fitted.frames - clip.frames;
  if (added !== 0) {
    parts.push(
      `${clip.frames} ${clip.frames === 1 ? 'frame' : 'frames'} came and the model needs ${time}n + 1, so ` +
        (added > 0
          ? `the last was repeated ${times(added)} and cut off again`
          : added === -1
            ? 'the last was dropped'
            : `the last ${-added} were dropped`),
    );
  }
  if (fitted.width !== clip.width || fitted.height !== clip.height) {
    const size = `${fitted.width}x${fitted.height}`;
    const padded = fitted.width >= clip.width && fitted.height >= clip.height;
    parts.push(
      `frames of ${clip.width}x${clip.height} came and the model needs multiples of ${space}, so ` +
        (padded ? `they were padded to ${size} and cut back` : `they were cut to ${size}`),
    );
  }
  return [...(clip.notes ?? []), ...(parts.length > 0 ? [`${parts.join('; ')}.`] : [])].join(' ') || undefined;
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

/**
 * A stream of frames as the model takes it, with the policy applied to their number and size.
 *
 * `onFrame` sees every frame that is kept, as much of it as is kept, and no padding.
 *
 * @throws ShapeError at the end of a stream that does not fit, when the policy is `error`.
 */
export async function* fitFrames(
  frames: AsyncIterable<Frame>,
  strides: ModelStrides,
  policy: FramePolicy,
  onFrame: (frame: Frame) => void = () => {},
): AsyncGenerator<Frame, void, undefined> {
  let count = 0;
  let last: Frame | undefined;
  let waiting: Frame[] = [];
  for await (const frame of frames) {
    count += 1;
    if (policy === 'trim' && count > 1) {
      waiting.push(frame);
      if (waiting.length < strides.time) continue;
    } else {
      waiting = [frame];
    }
    for (const kept of waiting) {
      last = fitFrame(kept, strides.space, policy);
      onFrame(policy === 'trim' ? last : kept);
      yield last;
    }
    waiting = [];
  }
  if (!last) return;
  const fitted = fittedFrames(count, strides.time, policy);
  const extent = { width: last.width, height: last.height };
  if (policy === 'error') fittedExtent('encode', { frames: count, ...extent }, strides, policy);
  for (; count < fitted; count++) yield last;
}

/** A frame with its last row and column repeated, or cut off, to multiples of `stride`. */
function fitFrame(frame: Frame, stride: number, policy: FramePolicy): Frame {
  const width = fittedSide(frame.width, stride, policy);
  const height = fittedSide(frame.height, stride, policy);
  if (width === frame.width && height === frame.height) return frame;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = Math.min(row, frame.height - 1) * frame.width * 3;
    const pixels = frame.data.subarray(from, from + Math.min(width, frame.width) * 3);
    data.set(pixels, row * width * 3);
    for (let column = frame.width; column < width; column++) {
      data.set(pixels.subarray(pixels.length - 3), (row * width + column) * 3);
    }
  }
  return { ...frame, width, height, data };
}
