import type { LongCallOptions } from '@od-vae/core';
import { vcpr } from '@od-vae/metrics';
import { countOdVaeParams, strides } from '@od-vae/models';
import { backend, dispose, getBackend, randomUniform, type Tensor5D } from '@tensorflow/tfjs-core';
import type { OdVae } from 'od-vae';

import type { ClipSize } from '../options/parse-value.ts';

/** What `od-vae bench` measured. */
export interface BenchReport {
  readonly model: string;
  readonly parameters: number;
  /** Video compression ratio: the product of the strides in time, height and width. */
  readonly vcpr: number;
  readonly backend: string;
  /** Threads that compute; undefined where the backend does not say. */
  readonly threads: number | undefined;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly encode: Speed;
  readonly decode: Speed;
  /** The most memory that this process held. */
  readonly peakBytes: number;
}

/** Seconds of each round, and the frames a second of the median round. */
interface Speed {
  readonly seconds: readonly number[];
  readonly framesPerSecond: number;
}

/** Options of {@link measureModel}. */
export interface MeasureOptions extends LongCallOptions {
  readonly size: ClipSize;
  readonly rounds: number;
}

/** Encodes and decodes a clip of noise again and again, after one round to warm up. Progress counts rounds. */
export async function measureModel(
  vae: OdVae,
  { size, rounds, onProgress, signal }: MeasureOptions,
): Promise<BenchReport> {
  const { frames, height, width } = size;
  const clip: Tensor5D = randomUniform([1, frames, height, width, 3], -1, 1, 'float32', 1);
  const encode: number[] = [];
  const decode: number[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const seconds = await oneRound(vae, clip, signal);
      if (round > 0) {
        encode.push(seconds.encode);
        decode.push(seconds.decode);
      }
      onProgress?.({ phase: 'bench', done: round + 1, total: rounds + 1 });
    }
  } finally {
    clip.dispose();
  }
  const { time, space } = strides(vae.config);
  const { pool } = backend() as { pool?: { threads: number } };
  return {
    model: vae.label,
    parameters: countOdVaeParams(vae.config).total,
    vcpr: vcpr([time, space, space]),
    backend: getBackend(),
    threads: pool?.threads,
    frames,
    height,
    width,
    encode: speed(encode, frames),
    decode: speed(decode, frames),
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function oneRound(
  vae: OdVae,
  clip: Tensor5D,
  signal: AbortSignal | undefined,
): Promise<{ encode: number; decode: number }> {
  const timed = async <Result>(run: () => Result, tensorOf: (result: Result) => Tensor5D) => {
    // Kernels block the event loop; between two runs it hears of Ctrl-C.
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const began = performance.now();
    const result = run();
    await tensorOf(result).data();
    return { result, seconds: (performance.now() - began) / 1000 };
  };
  const encoded = await timed(
    () => vae.encode(clip),
    (posterior) => posterior.mean,
  );
  using posterior = encoded.result;
  const decoded = await timed(
    () => vae.decode(posterior.mean),
    (rebuilt) => rebuilt,
  );
  dispose(decoded.result);
  return { encode: encoded.seconds, decode: decoded.seconds };
}

function speed(seconds: readonly number[], frames: number): Speed {
  const sorted = seconds.toSorted((a, b) => a - b);
  return { seconds, framesPerSecond: frames / sorted[Math.floor(sorted.length / 2)]! };
}
