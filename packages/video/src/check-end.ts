import { MediaError, OdVaeError } from '@od-vae/core/base';
import { plainReason } from './plain-reason.ts';
import type { Picture, PictureSource } from './picture.ts';

/** What is known about the end of a file before it is read. */
export interface FileEnd {
  readonly name: string;
  /** The file has fewer bytes than it says it has. */
  readonly truncated: boolean;
  /** Frames the file says it has, where that number is exact. */
  readonly frameCount: number | undefined;
}

/** The same pictures; a file that ends early or loses frames ends in an error that says how many were readable. */
export function checkedToEnd(source: PictureSource, end: FileEnd): PictureSource {
  return { info: source.info, pictures: () => checked(source.pictures(), end), close: () => source.close() };
}

/** The error of a file whose end is missing. */
export function endsEarly(name: string, readable: number): MediaError {
  return new MediaError(
    `openVideo: ${name} ends early: ${readable} ${readable === 1 ? 'frame was' : 'frames were'} readable, then the file stops short of its own size.`,
  );
}

async function* checked(
  pictures: AsyncIterable<Picture>,
  { name, truncated, frameCount }: FileEnd,
): AsyncGenerator<Picture, void, undefined> {
  let count = 0;
  try {
    for await (const picture of pictures) {
      count += 1;
      yield picture;
    }
  } catch (cause) {
    throw decodeError(cause, name, truncated, count);
  }
  if (truncated) {
    throw endsEarly(name, count);
  }
  if (frameCount !== undefined && count < frameCount) {
    throw new MediaError(`openVideo: ${name} has ${frameCount} frames, but only ${count} could be decoded.`);
  }
}

function decodeError(cause: unknown, name: string, truncated: boolean, count: number): unknown {
  if (cause instanceof OdVaeError) {
    return cause;
  }
  return truncated
    ? endsEarly(name, count)
    : new MediaError(`openVideo: ${name} cannot be decoded past frame ${count}: ${plainReason(cause)}.`, {
        cause,
      });
}
