import * as fc from 'fast-check';

import { CODECS, type Codec, type Container } from './codecs.ts';

/** A video file, described by everything that makes it. */
export interface Recipe {
  readonly codec: Codec;
  readonly container: Container;
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
  /** Frames before any edit or cut. */
  readonly frames: number;
  /** Frames per second, as a fraction such as `30000/1001`. */
  readonly rate: string;
  readonly keyInterval: number;
  readonly bFrames: number;
  readonly openGop: boolean;
  /** Matrix the pixels are coded with and the file is tagged with; undefined for ffmpeg's default without a tag. */
  readonly matrix: Matrix | undefined;
  readonly range: 'tv' | 'pc' | undefined;
  /** Sample aspect ratio. */
  readonly aspect: string;
  /** Drops every fifth frame, so that the rate varies. */
  readonly variableRate: boolean;
  readonly sound: boolean;
  /** Seconds that are added to all times. */
  readonly offset: number;
  /** Name of one of {@link LAYOUTS} of the container. */
  readonly layout: string;
  /** Part of the file that is cut off its beginning without encoding again; 0 for none. */
  readonly cut: number;
  /** MP4 and MOV only: the edit list; undefined for the one that ffmpeg writes. */
  readonly edits: readonly Edit[] | undefined;
  /** MP4 and MOV only: index into {@link ORIENTATIONS}. */
  readonly orientation: number;
}

/** One entry of an edit list. */
export interface Edit {
  /** First frame that is shown; undefined shows nothing for a while. */
  readonly from: number | undefined;
  /** Length in frames. */
  readonly frames: number;
}

/** A matrix that both `scale` and the tags of ffmpeg name. */
export type Matrix = 'bt709' | 'bt601' | 'bt470bg' | 'bt2020' | 'smpte240m' | 'fcc';

const MATRICES: readonly Matrix[] = ['bt709', 'bt601', 'bt470bg', 'bt2020', 'smpte240m', 'fcc'];

const RATES = ['24/1', '25/1', '30/1', '50/1', '60/1', '24000/1001', '30000/1001'];
const ODD_RATES = ['1/1', '5/1', '25/2', '73/10', '15/1', '120/1', '60000/1001'];

/** Ways to arrange a container, as options of its muxer. */
export const LAYOUTS: Partial<Record<Container, Readonly<Record<string, readonly string[]>>>> = {
  mp4: {
    plain: [],
    faststart: ['-movflags', 'faststart'],
    fragments: ['-movflags', 'frag_keyframe+empty_moov'],
    hybrid: ['-movflags', 'frag_keyframe'],
    separate: ['-movflags', 'frag_keyframe+separate_moof'],
    dash: ['-movflags', 'dash+delay_moov'],
    cmaf: ['-movflags', 'cmaf'],
    everyFrame: ['-movflags', 'frag_every_frame+empty_moov+default_base_moof'],
    negativeOffsets: ['-movflags', 'negative_cts_offsets'],
    noEdits: ['-use_editlist', '0'],
  },
  mov: {
    plain: [],
    fragments: ['-movflags', 'frag_keyframe+empty_moov'],
    hybrid: ['-movflags', 'frag_keyframe'],
    timecode: ['-timecode', '01:00:00:00'],
  },
  mkv: {
    plain: [],
    live: ['-live', '1'],
    clusters: ['-cluster_time_limit', '100'],
    smallClusters: ['-cluster_size_limit', '4000'],
    cuesFirst: ['-reserve_index_space', '2000'],
  },
  webm: { plain: [], live: ['-live', '1'], dash: ['-dash', '1'], clusters: ['-cluster_time_limit', '100'] },
  ts: { plain: [], m2ts: ['-mpegts_m2ts_mode', '1'] },
  avi: { plain: [], noOpendml: ['-write_channel_mask', '0'] },
};

/** Display matrices of MP4: identity, mirrored and turned by quarters, as `[a, b, c, d]`. */
export const ORIENTATIONS: readonly (readonly [number, number, number, number])[] = [
  [1, 0, 0, 1],
  [-1, 0, 0, 1],
  [-1, 0, 0, -1],
  [1, 0, 0, -1],
  [0, 1, 1, 0],
  [0, 1, -1, 0],
  [0, -1, -1, 0],
  [0, -1, 1, 0],
];

/** Generates recipes of all codecs and containers. */
export const recipes: fc.Arbitrary<Recipe> = fc
  .constantFrom(...CODECS.flatMap((codec) => codec.containers.map((container) => ({ codec, container }))))
  .chain(({ codec, container }) => {
    const isMp4 = container === 'mp4' || container === 'mov';
    const side = (max: number): fc.Arbitrary<number> =>
      fc.integer({ min: 32, max }).map((value) => value - (value % (codec.multipleOf ?? 1)));
    const often = <T>(usual: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> =>
      fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
    return fc.record<Recipe>({
      codec: fc.constant(codec),
      container: fc.constant(container),
      pixelFormat: fc.constantFrom(...codec.pixelFormats),
      width: side(96),
      height: side(72),
      frames: fc.integer({ min: 1, max: 40 }),
      rate: codec.standardRates ? fc.constantFrom(...RATES) : fc.constantFrom(...RATES, ...ODD_RATES),
      keyInterval: fc.integer({ min: 1, max: 25 }),
      bFrames: codec.bFrames ? fc.integer({ min: 0, max: 3 }) : fc.constant(0),
      openGop: fc.boolean(),
      matrix: often<Matrix | undefined>(undefined, fc.constantFrom(...MATRICES)),
      range: often<'tv' | 'pc' | undefined>(undefined, fc.constantFrom('tv', 'pc')),
      aspect: often('1/1', fc.constantFrom('2/1', '1/2', '12/11', '4/3')),
      variableRate: often(false, fc.constant(true)),
      sound: fc.boolean(),
      offset: often(0, fc.constantFrom(0.5, 3, 10.24)),
      layout: fc.constantFrom(...Object.keys(LAYOUTS[container] ?? { plain: [] })),
      cut: often(0, fc.constantFrom(0.2, 0.4, 0.6)),
      edits: isMp4 ? often<Recipe['edits']>(undefined, edits) : fc.constant(undefined),
      orientation: isMp4 ? often(0, fc.integer({ min: 1, max: 7 })) : fc.constant(0),
    });
  })
  .map(plausible);

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    from: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined, freq: 4 }),
    frames: fc.integer({ min: 1, max: 30 }),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Leaves out what a combination cannot have. */
function plausible(recipe: Recipe): Recipe {
  const { container, layout, pixelFormat, cut } = recipe;
  const hasIndex = (layout === 'plain' || layout === 'negativeOffsets') && cut === 0;
  const isYuv = pixelFormat.startsWith('yuv') || pixelFormat === 'uyvy422';
  return {
    ...recipe,
    ...(!hasIndex && { edits: undefined, orientation: 0 }),
    ...(!isYuv && { matrix: undefined, range: undefined }),
    ...(pixelFormat.startsWith('yuvj') && { range: undefined }),
    ...(/^(h264|hevc|m2v)$/.test(container) && { cut: 0, offset: 0, sound: false, variableRate: false }),
    ...(/^(nut|ogv)$/.test(container) && { sound: false }),
    ...(/^(avi|mpg)$/.test(container) && { variableRate: false }),
  };
}

/** Returns a recipe as one line for the report. */
export function describeRecipe({ codec, ...rest }: Recipe): string {
  const parts = Object.entries(rest).filter(([, value]) => value !== undefined && value !== false && value !== 0);
  return [codec.encoder, ...parts.map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(' ');
}
