import { strides } from '@od-vae/models';
import { VideoQuality } from '@od-vae/metrics';
import { type Frame, openVideo } from '@od-vae/video';
import {
  frameOfPicture,
  hasHalfStorage,
  type LatentChunk,
  modelInfo,
  type OdVae,
  planTiling,
  useStorage,
} from 'od-vae';

import type { ClipSource, LatentShape, RunEvent, RunReport, RunSettings } from '../protocol.ts';
import { loadModel } from './load-model.ts';
import { rgbaOf } from './rgba-of.ts';
import { startBackend } from './start-backend.ts';

/** What sides of a clip are cut to multiples of: what every published model needs; others have it padded. */
const SIDE = 8;

type Tell = (event: RunEvent, transfer?: Transferable[]) => void;

/** Sends a clip through a model, telling every picture and every group of latents as it comes. */
export async function run(
  { source, settings }: { source: ClipSource; settings: RunSettings },
  tell: Tell,
  signal: AbortSignal,
): Promise<RunReport> {
  // A file that cannot be read is known before anything else is loaded.
  const clip = await readClip(source, settings, tell, signal);
  const name = settings.backend;
  await startBackend(name);
  useStorage(settings.half && hasHalfStorage() ? 'f16' : 'f32');
  const onProgress = ({ done, total }: { done: number; total: number | undefined }) =>
    tell({ type: 'model', done, total });
  const vae = await loadModel(settings.model, name, { onProgress, signal });
  return { ...(await rebuild(vae, clip, { name, memory: settings.memory }, tell, signal)), backend: name };
}

interface Clip {
  readonly frames: readonly Frame[];
  readonly fps: number;
}

async function readClip(
  source: ClipSource,
  { frames: most, shortSide, square }: RunSettings,
  tell: Tell,
  signal: AbortSignal,
): Promise<Clip> {
  const crop = square ? ('square' as const) : undefined;
  await using reader = await openVideo(source, { frames: most, shortSide, crop, multipleOf: SIDE, signal });
  const { width, height, fps } = reader;
  tell({ type: 'clip', width, height });
  const frames: Frame[] = [];
  for await (const frame of reader.frames()) {
    const rgba = rgbaOf(frame);
    tell({ type: 'picture', side: 'original', index: frames.length, rgba }, [rgba.buffer]);
    frames.push(frame);
  }
  tell({ type: 'read' });
  return { frames, fps };
}

async function rebuild(
  vae: OdVae,
  { frames: originals, fps }: Clip,
  { name, memory }: { name: string; memory: number },
  tell: Tell,
  signal: AbortSignal,
): Promise<Omit<RunReport, 'backend'>> {
  const { width, height } = originals[0]!;
  const frames = originals.length;
  const { tiling } = planTiling({ config: vae.config, backend: name, width, height, frames, memory });
  const coded = { encoded: 0, decoded: 0 };
  const share = (phase: keyof typeof coded) => (progress: { done: number }) => {
    coded[phase] = Math.min(1, progress.done / frames);
    tell({ type: 'coded', ...coded });
  };
  const chunks: LatentChunk[] = [];
  async function* latents(): AsyncGenerator<LatentChunk, void, undefined> {
    for await (const chunk of vae.encodeVideo(originals, { tiling, onProgress: share('encoded'), signal })) {
      chunks.push(chunk);
      tell({ type: 'latents', data: chunk.data, shape: chunk.shape, timeStride: strides(vae.config).time });
      yield chunk;
    }
  }
  const quality = new VideoQuality();
  let index = 0;
  const decoding = { tiling, fps, frames, width, height, onProgress: share('decoded'), signal };
  for await (const picture of vae.decodeLatents(latents(), decoding)) {
    const frame = frameOfPicture(picture);
    const rgba = rgbaOf(frame);
    tell({ type: 'picture', side: 'rebuilt', index, rgba, quality: quality.add(originals[index]!, picture) }, [
      rgba.buffer,
    ]);
    index++;
  }
  const info = {
    ...modelInfo(vae),
    frames,
    width,
    height,
    fps,
    posterior: 'mode',
    tiling,
    framePolicy: 'pad' as const,
  };
  const { psnr, ssim } = quality.report();
  const note = noteOf(frames, strides(vae.config).time);
  return { frames, width, height, fps, latentShape: wholeShape(chunks), psnr: psnr!, ssim, note, info };
}

function wholeShape(chunks: readonly LatentChunk[]): LatentShape {
  const [, height, width, channels] = chunks[0]!.shape;
  return [chunks.reduce((sum, { shape }) => sum + shape[0], 0), height, width, channels];
}

function noteOf(frames: number, stride: number): string | undefined {
  if ((frames - 1) % stride === 0) return undefined;
  return `The clip has ${frames} frames and the model needs ${stride}n + 1, so its last one was repeated for the model alone.`;
}
