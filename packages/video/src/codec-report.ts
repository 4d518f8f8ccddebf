import { canEncodeVideo, getDecodableVideoCodecs } from 'mediabunny';
import {
  INSTALL_FFMPEG,
  INSTALL_SERVER,
  machineEngines,
  type MediaEngines,
  mediaServerProblem,
} from './media-engines.ts';
import { hasNode } from './runtime.ts';
import type { WritableCodec } from './types.ts';

/** What reads and writes video on this machine, and what to install for more. */
export interface CodecReport {
  readonly runtime: 'node' | 'browser';
  /** @mediabunny/server is installed and loads. */
  readonly mediabunnyServer: boolean;
  /** Version of the `ffmpeg` on PATH. */
  readonly ffmpeg: string | undefined;
  /** Version of sharp, which images need in Node. */
  readonly sharp: string | undefined;
  /** The browser has WebCodecs. */
  readonly webCodecs: boolean;
  /** Codecs that can be read; with ffmpeg alone, the list is what it commonly has. */
  readonly decode: readonly string[];
  /** Codecs that can be written. */
  readonly encode: readonly WritableCodec[];
  /** One line for each thing worth installing; empty where nothing is missing. */
  readonly advice: readonly string[];
}

const WRITABLE: readonly WritableCodec[] = ['avc', 'hevc', 'vp8', 'vp9', 'av1'];

/**
 * Looks for every codec source this package can use.
 *
 * @param engines where codecs come from; this machine's own by default
 */
export async function codecReport(engines: MediaEngines = machineEngines): Promise<CodecReport> {
  const mediabunnyServer = await engines.loadServer();
  const ffmpeg = (await engines.findFfmpeg())?.version;
  const sharp = hasNode() ? await (await import('#node/sharp-codec')).sharpVersion() : undefined;
  const webCodecs = 'VideoDecoder' in globalThis;
  const own = mediabunnyServer || webCodecs;
  return {
    runtime: hasNode() ? 'node' : 'browser',
    mediabunnyServer,
    ffmpeg,
    sharp,
    webCodecs,
    decode: own ? await getDecodableVideoCodecs() : ffmpeg === undefined ? [] : WRITABLE,
    encode: own ? await encodable() : ffmpeg === undefined ? [] : await encodableByFfmpeg(),
    advice: hasNode() ? adviceFor(mediabunnyServer, ffmpeg, sharp) : [],
  };
}

async function encodable(): Promise<WritableCodec[]> {
  const answers = await Promise.all(
    WRITABLE.map((codec) =>
      canEncodeVideo(codec, { width: 256, height: 256, hardwareAcceleration: 'prefer-software' }),
    ),
  );
  return WRITABLE.filter((_, index) => answers[index]);
}

async function encodableByFfmpeg(): Promise<WritableCodec[]> {
  const { writableCodecs } = await import('#node/ffmpeg-writer');
  return writableCodecs();
}

function adviceFor(server: boolean, ffmpeg: string | undefined, sharp: string | undefined): string[] {
  const problem = server ? undefined : mediaServerProblem();
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(server || ffmpeg !== undefined ? [] : [`mp4, webm, mkv and mov: ${INSTALL_SERVER}, or ${INSTALL_FFMPEG}`]),
    ...(ffmpeg === undefined ? [`avi and rare codecs: ${INSTALL_FFMPEG}`] : []),
    ...(sharp === undefined ? ['png, jpg and other images: npm install sharp'] : []),
  ];
}
