import { MediaError, OdVaeError } from '@od-vae/core/base';
import type { Input, InputVideoTrack } from 'mediabunny';
import { type ByteSource, readWhole } from './byte-source.ts';
import { checkedToEnd, endsEarly } from './check-end.ts';
import { checkMatroska } from './check-matroska.ts';
import { declaredSize } from './declared-size.ts';
import { openInput } from './media-input.ts';
import { openMediaTrack } from './media-reader.ts';
import { type MediaEngines, missingEngines } from './media-engines.ts';
import type { PictureSource } from './picture.ts';
import { plainReason } from './plain-reason.ts';
import { localPath, sourceName } from './source-name.ts';
import type { VideoSource } from './types.ts';

/** What of a source is known before a library looks at it; `bytes` are undefined for addresses. */
interface Opening {
  readonly source: VideoSource;
  readonly name: string;
  readonly bytes: ByteSource | undefined;
  readonly truncated: boolean;
}

/** Opens a container (mp4, webm, …): with mediabunny where it can decode it, with ffmpeg otherwise. */
export async function openContainer(
  source: VideoSource,
  bytes: ByteSource | undefined,
  engines: MediaEngines,
): Promise<PictureSource> {
  const declared = bytes && (await declaredSize(bytes));
  const truncated = bytes !== undefined && declared !== undefined && declared > bytes.size;
  if (bytes) {
    await checkMatroska(bytes);
  }
  const opening = { source, name: sourceName(source), bytes, truncated };
  if (engines.skipsMediabunny) {
    return openOtherwise(opening, engines);
  }
  const input = openInput(bytes ?? String(source));
  try {
    const track = await decodableTrack(input, opening, engines);
    if (track) {
      const opened = await openMediaTrack(input, track, opening.name);
      if (truncated && opened.info.frameCount === 0) {
        throw endsEarly(opening.name, 0);
      }
      return checkedToEnd(opened, { ...opening, frameCount: opened.info.frameCount });
    }
  } catch (cause) {
    input.dispose();
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
  { name, truncated, bytes }: Opening,
  engines: MediaEngines,
): Promise<InputVideoTrack | undefined> {
  const readable = await input.canRead().catch((cause: Error) => {
    // A file of a few bytes trips assertions inside mediabunny; what it is not is said where all readers have failed.
    if (bytes && !(cause instanceof MediaError)) return false;
    throw new MediaError(`openVideo: ${name} could not be read: ${plainReason(cause)}.`, { cause });
  });
  if (!readable) {
    if (!bytes) {
      throw new MediaError(`openVideo: ${name} is not a video, or its server did not give it out.`);
    }
    return undefined;
  }
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    if (truncated) {
      throw endsEarly(name, 0);
    }
    const sound = (await input.getAudioTracks()).length > 0;
    throw new MediaError(`openVideo: ${name} has no video track${sound ? ', only sound' : ''}.`);
  }
  await engines.loadServer();
  return (await track.canDecode()) ? track : undefined;
}

async function openOtherwise(
  { source, name, bytes, truncated }: Opening,
  engines: MediaEngines,
): Promise<PictureSource> {
  const tools = await engines.findFfmpeg();
  if (!tools) {
    throw (await looksLikeVideo(bytes)) ? missingEngines(`openVideo: ${name}`) : notAVideo(name);
  }
  const { openWithFfmpeg } = await import('#node/ffmpeg-reader');
  const path =
    localPath(source) ?? (source instanceof Uint8Array || source instanceof Blob ? undefined : String(source));
  if (path !== undefined) {
    return checkedToEnd(await openWithFfmpeg(path, name, tools), { name, truncated, frameCount: undefined });
  }
  const { temporaryCopy } = await import('#node/temporary-copy');
  const copy = await temporaryCopy(await readWhole(bytes!));
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
async function looksLikeVideo(bytes: ByteSource | undefined): Promise<boolean> {
  if (!bytes) {
    return true;
  }
  const head = String.fromCharCode(...(await bytes.read(0, 12)));
  return head.slice(4, 8) === 'ftyp' || head.startsWith('\x1A\x45\xDF\xA3') || /^(RIFF|FLV|OggS|0&\xB2u)/.test(head);
}

function notAVideo(name: string): MediaError {
  return new MediaError(
    `openVideo: ${name} is not a video, GIF or image: its first bytes belong to no format that is read.`,
  );
}
