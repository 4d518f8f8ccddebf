import { readFileSync } from 'node:fs';

import { countOdVaeParams, type OfficialConfig, parseConfig, strides, variants } from '@od-vae/models';
import { configUrl } from '@od-vae/small';

import type { Case, Clip } from '../contenders/protocol.ts';
import type { Settings } from '../parse-arguments.ts';
import type { Measurement } from '../report/result.ts';

type KernelCase = Extract<Case, { channels: number }>;

/** A case and how a result names it. */
export interface NamedCase {
  readonly suite: string;
  readonly title: string;
  readonly case: Case;
  readonly variant: number | null;
  /**
   * What one run does. Operations are those of the direct algorithm, taps that read borders included, a multiplication and
   * an addition for each product; bytes are those of the clip read once and written once.
   */
  readonly work: Measurement['work'];
}

/** The shapes that the model spends its time in: outer, second and inner levels. */
const KERNEL_CLIPS: readonly (readonly [channels: number, clip: Clip])[] = [
  [128, [5, 64, 64]],
  [256, [5, 32, 32]],
  [512, [5, 32, 32]],
];

const KERNELS = [
  [3, 3, 3],
  [1, 3, 3],
  [1, 1, 1],
] as const;

/** Convolutions, group norm with SiLU, and attention. */
export function kernelCases({ tiny }: Pick<Settings, 'tiny'>): NamedCase[] {
  const clips = tiny ? ([[32, [2, 8, 8]]] as const) : KERNEL_CLIPS;
  const convolutions = KERNELS.flatMap((kernel) =>
    clips.map(([channels, clip]) => kernelCase(kernel.join('x'), { kind: 'convolution', channels, clip, kernel })),
  );
  const [outer, inner] = [clips[0]!, clips.at(-1)!].map(([channels, clip]) => ({ channels, clip }));
  return [
    ...convolutions,
    kernelCase('group norm, SiLU', { kind: 'normalization', ...outer! }),
    kernelCase('attention', { kind: 'attention', ...inner! }),
  ];
}

function kernelCase(name: string, one: KernelCase): NamedCase {
  const title = `${name}, ${one.channels} channels, ${one.clip.join('x')}`;
  return { suite: 'kernels', title, case: one, variant: null, work: workOf(one) };
}

function workOf(one: KernelCase): Measurement['work'] {
  const [frames, height, width] = one.clip;
  const pixels = frames * height * width;
  switch (one.kind) {
    case 'convolution':
      return flop(2 * pixels * one.channels ** 2 * one.kernel.reduce((product, taps) => product * taps, 1));
    case 'attention':
      return flop(4 * pixels * height * width * one.channels);
    default:
      return { amount: 8 * pixels * one.channels, unit: 'B' };
  }
}

function flop(amount: number): Measurement['work'] {
  return { amount, unit: 'FLOP' };
}

/** Encoder and decoder of the variants. */
export function modelCases({
  size,
  variants: wanted,
  tiny,
}: Pick<Settings, 'size' | 'variants' | 'tiny'>): NamedCase[] {
  return wanted.flatMap((variant) =>
    (['encode', 'decode'] as const).map((kind): NamedCase => {
      const config = tiny ? narrow(variants[variant]) : variants[variant];
      const title = `variant ${variant}, ${kind} ${size.join('x')}`;
      return { suite: 'model', title, case: { kind, config, clip: size }, variant, work: null };
    }),
  );
}

/** The same 3x3x3 convolutions, and the model that comes with the project, as a page computes them. */
export function browserCases({ tiny }: Pick<Settings, 'tiny'>): NamedCase[] {
  const convolutions = kernelCases({ tiny }).filter(({ title }) => title.startsWith('3x3x3'));
  const clip: Clip = tiny ? [5, 16, 16] : [17, 128, 128];
  const small = (['encode', 'decode'] as const).map((kind): NamedCase => {
    const title = `small model, ${kind} ${clip.join('x')}`;
    return { suite: 'browser', title, case: { kind, config: smallConfig(), clip }, variant: null, work: null };
  });
  return [...convolutions.map((one) => ({ ...one, suite: 'browser' })), ...small];
}

/** A 3x3x3 convolution and the small model's encoder, small enough for a GPU that is software. */
export function webgpuCases({ tiny }: Pick<Settings, 'tiny'>): NamedCase[] {
  const [channels, clip]: [number, Clip] = tiny ? [8, [2, 8, 8]] : [64, [3, 32, 32]];
  const convolution = kernelCase('3x3x3', { kind: 'convolution', channels, clip, kernel: [3, 3, 3] });
  const whole: Clip = tiny ? [1, 16, 16] : [5, 64, 64];
  const encode: Case = { kind: 'encode', config: smallConfig(), clip: whole };
  const title = `small model, encode ${whole.join('x')}`;
  return [
    { ...convolution, suite: 'webgpu' },
    { suite: 'webgpu', title, case: encode, variant: null, work: null },
  ];
}

function smallConfig(): OfficialConfig {
  return JSON.parse(readFileSync(configUrl, 'utf8')) as OfficialConfig;
}

/** Steps of narrow models: forward and the gradients of all weights; and the paper's whole recipe, with LPIPS and the 3D GAN. */
export function stepCases({ tiny }: Pick<Settings, 'tiny'>): NamedCase[] {
  const clip: Clip = tiny ? [5, 16, 16] : [9, 64, 64];
  const config = { ...variants[4], hidden_size: 32 };
  const title = `variant 4 of width 32, forward and backward ${clip.join('x')}`;
  const batch = tiny ? 1 : 2;
  const recipe = `small model, generator and discriminator step ${batch}x${clip.join('x')}`;
  return [
    { suite: 'step', title, case: { kind: 'step', config, clip }, variant: 4, work: null },
    {
      suite: 'step',
      title: recipe,
      case: { kind: 'train', config: smallConfig(), clip, batch },
      variant: 4,
      work: null,
    },
  ];
}

function narrow(config: OfficialConfig): OfficialConfig {
  return { ...config, hidden_size: 32, hidden_size_mult: [1, 1, 1, 1], num_res_blocks: 1 };
}

/** Parameters and strides of a full-width variant, for the paper's columns. */
export function variantFacts(variant: 1 | 2 | 3 | 4): { parameters: number; strides: readonly number[] } {
  const config = parseConfig(variants[variant]);
  const { time, space } = strides(config);
  return { parameters: countOdVaeParams(config).total, strides: [time, space, space] };
}
