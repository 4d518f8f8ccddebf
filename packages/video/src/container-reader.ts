import { MediaError, OdVaeError } from '@od-vae/core/base';
import type { Input, InputVideoTrack } from 'mediabunny';
import { type ByteSource, chunksOf } from './byte-source.ts';
import { checkedToEnd, endsEarly } from './check-end.ts';
import { declaredSize } from './declared-size.ts';
import { beginsWithin, openInput } from './media-input.ts';
import { openMediaTrack } from './media-reader.ts';
import { INSTALL_FFMPEG, type MediaEngines, missingEngines } from './media-engines.ts';
import { inspectStructure, limitError, LimitReached, type MediaLimit } from './media-limits.ts';
import type { PictureSource } from './picture.ts';
import type { Mp4Structure } from './mp4-structure.ts';
import { plainReason } from './plain-reason.ts';
import { hasNode } from './runtime.ts';

/** A container file. */
interface Container {
  /** Used in messages. */
  readonly name: string;
  readonly bytes: ByteSource;
  /** Its path, where it is on this machine. */
  readonly path?: string | undefined;
  /** Its address, where it is not: mediabunny reads the parts that it needs. */
  readonly url?: string | undefined;
}

interface Opening extends Container {
  readonly truncated: boolean;
}

/** Opens a container (mp4, webm, …): with mediabunny where it can decode it, with ffmpeg otherwise. */
export async function openContainer(container: Container, engines: MediaEngines): Promise<PictureSource> {
  const { bytes, url } = container;
  const declared = url === undefined ? await declaredSize(bytes) : undefined;
  const opening = { ...container, truncated: declared !== undefined && declared > bytes.size };
  const { limit, mp4 } = await inspectStructure(bytes, { isRemote: url !== undefined });
  if (limit) return openBeyond(limit, opening, engines);
  return engines.skipsMediabunny ? openOtherwise(opening, engines) : openDirectly(opening, mp4, engines);
}

/** Opens a file that mediabunny cannot read. */
async function openBeyond(limit: MediaLimit, opening: Opening, engines: MediaEngines): Promise<PictureSource> {
  if (!(await engines.findFfmpeg())) throw limitError(opening.name, limit);
  return openOtherwise(opening, engines);
}

/** Opens a container with mediabunny, or with ffmpeg where mediabunny has no codec for it. */
async function openDirectly(
  opening: Opening,
  mp4: Mp4Structure | undefined,
  engines: MediaEngines,
): Promise<PictureSource> {
  const { bytes, url, truncated } = opening;
  const input = openInput(url ?? bytes);
  try {
    const track = await decodableTrack(input, opening, engines);
    // Without ffmpeg such a file begins with its first key frame.
    const isLate = track !== undefined && (await beginsWithin(track)) && (await engines.findFfmpeg()) !== undefined;
    if (track && !isLate) {
      const opened = await openMediaTrack(input, track, opening.name, mp4);
      if (truncated && opened.info.frameCount === 0) {
        throw endsEarly(opening.name, 0);
      }
      return checkedToEnd(opened, { ...opening, frameCount: opened.info.frameCount });
    }
  } catch (cause) {
    input.dispose();
    if (cause instanceof LimitReached) return openBeyond(cause.limit, opening, engines);
    throw cause instanceof OdVaeError
      ? cause
      : new MediaError(`openVideo: ${opening.name} is damaged: ${plainReason(cause)}.`, { cause });
  }
  input.dispose();
  return openOtherwise(opening, engines);
}

/** The first video track, where there are codecs for it; undefined where mediabunny cannot read the file. */
async function decodableTrack(
  input: Input,
  { name, truncated }: Opening,
  engines: MediaEngines,
): Promise<InputVideoTrack | undefined> {
  const readable = await input.canRead().catch((cause: Error) => {
    // A file of a few bytes trips assertions inside mediabunny; what it is not is said where all readers have failed.
    if (!(cause instanceof MediaError)) return false;
    throw new MediaError(`openVideo: ${name} could not be read: ${plainReason(cause)}.`, { cause });
  });
  if (!readable) {
    return undefined;
  }
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    if (truncated) {
      throw endsEarly(name, 0);
    }
    // The containers of MPEG-2, MPEG-4 and Theora are known to mediabunny, but not these codecs.
    if (await engines.findFfmpeg()) return undefined;
    const sound = (await input.getAudioTracks()).length > 0;
    throw new MediaError(
      `openVideo: ${name} has no video track that can be read here${sound ? ', only sound' : ''}` +
        (hasNode() ? `; run "${INSTALL_FFMPEG}" if it has one of another codec.` : '.'),
    );
  }
  await engines.loadServer();
  return (await track.canDecode()) ? track : undefined;
}

async function openOtherwise({ name, bytes, path, truncated }: Opening, engines: MediaEngines): Promise<PictureSource> {
  const tools = await engines.findFfmpeg();
  if (!tools) {
    throw (await looksLikeVideo(bytes)) ? missingEngines(`openVideo: ${name}`) : await notAVideo(name, bytes);
  }
  const { openWithFfmpeg } = await import('#node/ffmpeg-reader');
  if (path !== undefined) {
    return checkedToEnd(await openWithFfmpeg(path, name, tools), { name, truncated, frameCount: undefined });
  }
  const { temporaryFile } = await import('#node/temporary-copy');
  const copy = await temporaryFile(chunksOf(bytes));
  try {
    const opened = await openWithFfmpeg(copy.path, name, tools);
    const close = () => opened.close().then(copy.remove);
    return checkedToEnd({ ...opened, close }, { name, truncated, frameCount: undefined });
  } catch (cause) {
    await copy.remove();
    throw cause;
  }
}

/** Whether the first bytes are those of some video container, so that a codec is what is missing. */
async function looksLikeVideo(bytes: ByteSource): Promise<boolean> {
  const head = String.fromCharCode(...(await bytes.read(0, 12)));
  return head.slice(4, 8) === 'ftyp' || head.startsWith('\x1A\x45\xDF\xA3') || /^(RIFF|FLV|OggS|0&\xB2u)/.test(head);
}

async function notAVideo(name: string, bytes: ByteSource): Promise<MediaError> {
  const head = String.fromCharCode(...(await bytes.read(0, 64)));
  const isPage = /^\s*<(?:!doctype html|html)/i.test(head);
  return new MediaError(
    `openVideo: ${name} is not a video, GIF or image: ${isPage ? 'it is a web page' : 'its first bytes belong to no format that is read'}.`,
  );
}
