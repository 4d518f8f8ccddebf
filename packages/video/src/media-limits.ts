import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from './byte-source.ts';
import { checkMatroska } from './check-matroska.ts';
import { INSTALL_FFMPEG } from './media-engines.ts';
import { type Mp4Structure, readMp4Structure } from './mp4-structure.ts';
import { hasNode } from './runtime.ts';

/** A construction of a container that mediabunny reads wrongly, or not at all. */
export interface MediaLimit {
  /** Completes "the file has …". */
  readonly construction: string;
  /** How mediabunny 1.61 reads it. */
  readonly behavior: string;
  /** Report to its authors; undefined where there is none yet. */
  readonly report: string | undefined;
}

/**
 * Constructions that mediabunny 1.61 does not support; such files are read with ffmpeg, or refused where it is missing.
 * Files whose video track mediabunny does not list at all (MPEG-2 and MPEG-4 in MPEG-TS, Theora, compressed Matroska
 * tracks, AVIF sequences) need no entry: they are read with ffmpeg as well.
 */
export const MEDIA_LIMITS = {
  severalEdits: {
    construction: 'an edit list of several parts, or one that changes the speed',
    behavior: 'only the first part counts, and it is shown to the end of the track',
    report: 'https://github.com/Vanilagy/mediabunny/issues/494',
  },
  mixedFragments: {
    construction: 'frames in fragments behind an index of other frames',
    behavior: 'frames in fragments are left out',
    report: undefined,
  },
  openSizes: {
    construction: 'Matroska elements of unknown size, coded in 2 to 7 bytes',
    behavior: 'the size is taken as a number, and what lies behind it is left out',
    report: undefined,
  },
  lateTracks: {
    construction: 'its Matroska tracks described behind the first frames',
    behavior: 'no frame is found',
    report: undefined,
  },
  lateStart: {
    construction: 'a first frame that refers to frames before it (a recording that was joined or cut in the middle)',
    behavior: 'decoding starts at the first key frame, or gives no frame',
    report: undefined,
  },
  sameTimes: {
    construction: 'several frames at one time',
    behavior: 'all are shown, where FFmpeg keeps one',
    report: undefined,
  },
} as const satisfies Record<string, MediaLimit>;

/** Thrown by the reader of a track that mediabunny cannot read rightly; turned into a {@link MediaError} or avoided. */
export class LimitReached extends Error {
  readonly limit: MediaLimit;
  constructor(limit: MediaLimit) {
    super(limit.construction);
    this.limit = limit;
  }
}

/** Structure of a container file, and the reason why mediabunny cannot read it, if there is one. */
export interface MediaStructure {
  readonly limit: MediaLimit | undefined;
  readonly mp4: Mp4Structure | undefined;
}

/**
 * Walks over the structure of an MP4, MOV, Matroska or WebM file.
 *
 * @throws MediaError where the file is damaged or encrypted
 */
export async function inspectStructure(
  bytes: ByteSource,
  { isRemote }: { readonly isRemote: boolean },
): Promise<MediaStructure> {
  const matroska = await checkMatroska(bytes, { isRemote });
  if (matroska === 'encrypted') throw encrypted(bytes.name);
  if (matroska) return { limit: MEDIA_LIMITS[matroska], mp4: undefined };
  const mp4 = await readMp4Structure(bytes);
  if (mp4?.tracks.some(({ isEncrypted }) => isEncrypted)) throw encrypted(bytes.name);
  return { limit: mp4 && limitOfMp4(mp4), mp4 };
}

function limitOfMp4({ tracks, hasFragments }: Mp4Structure): MediaLimit | undefined {
  if (tracks.some(({ hasOddEdits }) => hasOddEdits)) return MEDIA_LIMITS.severalEdits;
  const isMixed = hasFragments && tracks.some(({ sampleCount }) => sampleCount > 0);
  return isMixed ? MEDIA_LIMITS.mixedFragments : undefined;
}

/** The error of a file that only ffmpeg can read, where it is missing. */
export function limitError(name: string, { construction }: MediaLimit): MediaError {
  return new MediaError(
    `openVideo: ${name} has ${construction}, which only ffmpeg can read: ` +
      (hasNode() ? `run "${INSTALL_FFMPEG}".` : 'convert it first, such as with "ffmpeg -i in.mp4 out.mp4".'),
  );
}

function encrypted(name: string): MediaError {
  return new MediaError(`openVideo: ${name} is encrypted (DRM); decrypt it first.`);
}
