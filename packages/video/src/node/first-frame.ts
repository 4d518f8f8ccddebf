import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inputArguments } from './ffmpeg-tools.ts';

/** Properties that ffprobe prints of a stream, and of a decoded frame. */
export interface PictureTags {
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly color_space?: string;
  readonly color_range?: string;
  readonly color_transfer?: string;
  readonly side_data_list?: readonly { readonly side_data_type?: string; readonly displaymatrix?: string }[];
}

/** Packets that are read: the first ones of a stream that was cut may not give a frame. */
const PACKETS = 16;

/** Options that crop exactly as the stream is tagged: by default FFmpeg rounds how much is cropped on the left. */
export const EXACT_CROPPING = ['-flags', 'unaligned'] as const;

/**
 * Returns the properties of the first frame, which decide where the container is tagged with others.
 *
 * Empty where no frame can be decoded, which reading reports.
 */
export async function probeFirstFrame(path: string): Promise<PictureTags> {
  const entries = ['width', 'height', 'pix_fmt', 'color_space', 'color_range', 'color_transfer'];
  const what = ['-show_entries', `frame=${entries.join(',')}:frame_side_data`, '-read_intervals', `%+#${PACKETS}`];
  try {
    const { stdout } = await promisify(execFile)('ffprobe', [
      '-v',
      'error',
      '-of',
      'json=c=1',
      '-select_streams',
      'V:0',
      ...EXACT_CROPPING,
      ...what,
      ...inputArguments(path),
    ]);
    const { frames = [] } = JSON.parse(stdout) as { readonly frames?: readonly PictureTags[] };
    return Object.fromEntries(Object.entries(frames[0] ?? {}).filter(([, value]) => value !== 'unknown'));
  } catch {
    return {};
  }
}
