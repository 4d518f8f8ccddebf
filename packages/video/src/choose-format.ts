import { MediaError } from '@od-vae/core/base';
import { extensionOf } from './source-name.ts';
import type { VideoFormat, WritableTarget } from './types.ts';

const EXTENSIONS: Readonly<Record<string, VideoFormat>> = {
  mp4: 'mp4',
  m4v: 'mp4',
  webm: 'webm',
  mkv: 'mkv',
  mov: 'mov',
  gif: 'gif',
  y4m: 'y4m',
  png: 'png',
  jpg: 'jpg',
  jpeg: 'jpg',
};

/** The format of a target: the one asked for, else the one its extension names. */
export function chooseFormat(target: string | WritableTarget, format: VideoFormat | undefined): VideoFormat {
  const known = Object.values(EXTENSIONS);
  if (format !== undefined) {
    if (!known.includes(format)) {
      throw new MediaError(`createVideoWriter: format must be one of ${namesOf(known)}, but is "${format as string}".`);
    }
    return format;
  }
  if (typeof target !== 'string') {
    throw new MediaError('createVideoWriter: a stream has no extension, so options.format must name the format.');
  }
  const extension = extensionOf(target);
  const chosen = EXTENSIONS[extension];
  if (!chosen) {
    throw new MediaError(
      `createVideoWriter: "${target}" must end in .${namesOf(Object.keys(EXTENSIONS), ', .')}, but ends in ${extension ? `.${extension}` : 'no extension'}.`,
    );
  }
  return chosen;
}

function namesOf(names: readonly string[], separator = ', '): string {
  return [...new Set(names)].join(separator);
}
