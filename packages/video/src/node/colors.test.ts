// Colors and shapes that FFmpeg shows, read with both engines; and tags that FFmpeg finds in written files.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVideoWriter } from '../create-video-writer.ts';
import { machineEngines } from '../media-engines.ts';
import { openVideo } from '../open-video.ts';
import type { MediaEngine, VideoFormat, WritableCodec } from '../types.ts';

const hasFfmpeg = (await machineEngines.findFfmpeg()) !== undefined;
const hasServer = await machineEngines.loadServer();
/** Mediabunny, or ffmpeg where mediabunny has no codec; and ffmpeg alone. */
const ENGINES: readonly (MediaEngine | undefined)[] = [undefined, 'ffmpeg'];
const SOURCE = 'testsrc2=s=64x48:r=10:d=0.3,drawbox=0:0:32:24:red:fill';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'od-vae-video-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ffmpeg(...options: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...options], { maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

/** Makes a file with ffmpeg: filters behind the source, then options of the encoder. */
function make(name: string, filters: string, ...options: string[]): string {
  const path = join(folder, name);
  ffmpeg('-f', 'lavfi', '-i', [SOURCE, filters].filter(Boolean).join(','), ...options, '-strict', '-1', path);
  return path;
}

/** The frames that ffmpeg shows, in RGB over white. */
function shown(path: string, decoder: readonly string[] = []): Uint8Array {
  const filters = 'scale=flags=neighbor+accurate_rnd+full_chroma_int,format=rgba';
  const data = ffmpeg(...decoder, '-i', path, '-map', '0:V:0', '-vf', filters, '-f', 'rawvideo', 'pipe:1');
  return Uint8Array.from({ length: (data.length / 4) * 3 }, (_, index) => {
    const pixel = 4 * Math.floor(index / 3);
    const opacity = data[pixel + 3]! / 255;
    return Math.round(data[pixel + (index % 3)]! * opacity + 255 * (1 - opacity));
  });
}

async function read(path: string, engine: MediaEngine | undefined) {
  await using reader = await openVideo(path, { engine });
  const frames: Uint8Array[] = [];
  for await (const { data } of reader.frames()) frames.push(data);
  return { width: reader.width, height: reader.height, data: Buffer.concat(frames) };
}

function meanDistance(a: Uint8Array, b: Uint8Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;
}

/** Writes a display matrix into the header of the only track. */
function turn(path: string, [a, b, c, d, x, y]: readonly number[]): void {
  const file = readFileSync(path);
  const at = file.indexOf('tkhd') + 4 + 40;
  const unit = 0x10000;
  const values = [a! * unit, b! * unit, 0, c! * unit, d! * unit, 0, x! * unit, y! * unit, 0x4000_0000];
  for (const [index, value] of values.entries()) file.writeInt32BE(value, at + 4 * index);
  writeFileSync(path, file);
}

/** Primaries, transfer function and matrix in the container's own header: `colr` of MP4, `Colour` of Matroska. */
function containerTags(path: string): number[] {
  const file = readFileSync(path);
  const box = file.indexOf('colrnclx');
  if (/\.(mp4|mov)$/.test(path)) {
    const short = file.indexOf('colrnclc');
    return [8, 10, 12].map((offset) => file.readUInt16BE((box < 0 ? short : box) + offset));
  }
  const element = file.indexOf(Buffer.from([0x55, 0xb0]));
  const color = file.subarray(element, element + 64);
  return [0xbb, 0xba, 0xb1].map((id) => color[color.indexOf(Buffer.from([0x55, id])) + 3]!);
}

const H264 = ['-c:v', 'libx264', '-qp', '4', '-pix_fmt', 'yuv444p'];
const tagged = (matrix: string, codec = H264) => [...codec, '-colorspace', matrix, '-color_range', 'tv'];

/** These run where `ffmpeg` and `ffprobe` are on PATH; the engine mediabunny where @mediabunny/server is installed. */
describe.skipIf(!hasFfmpeg || !hasServer)('colors and shapes', () => {
  it.each([
    ['smpte240m.mp4', 'scale=out_color_matrix=smpte240m', tagged('smpte240m')],
    ['fcc.mkv', 'scale=out_color_matrix=fcc', tagged('fcc')],
    ['bt2020.mp4', 'scale=out_color_matrix=bt2020', tagged('bt2020nc')],
    ['bt601.mkv', 'scale=out_color_matrix=bt601', tagged('smpte170m')],
    ['gray-hevc.mp4', 'format=gray', ['-c:v', 'libx265', '-crf', '4', '-x265-params', 'log-level=error']],
    ['gray.mkv', 'format=gray', ['-c:v', 'ffv1']],
    ['gray16.mkv', 'format=gray16le', ['-c:v', 'ffv1']],
    ['full.mkv', 'scale=out_range=pc,format=yuv440p', ['-c:v', 'ffv1', '-color_range', 'pc']],
    ['full-12.mkv', 'scale=out_range=pc,format=yuv444p12le', ['-c:v', 'ffv1', '-color_range', 'pc']],
    ['alpha.mkv', 'format=bgra,colorchannelmixer=aa=0.5', ['-c:v', 'ffv1']],
    ['gray16.avi', 'format=gray16le', ['-c:v', 'ffv1']],
    ['full-packed.mkv', 'scale=out_range=pc,format=uyvy422', ['-c:v', 'rawvideo', '-color_range', 'pc']],
    ['alpha-planes.mkv', 'format=yuva444p,colorchannelmixer=aa=0.5', ['-c:v', 'ffv1']],
  ])('are read as FFmpeg shows them: %s', async (name, filters, options) => {
    const path = make(name, filters, ...options);
    for (const engine of ENGINES) {
      expect(meanDistance((await read(path, engine)).data, shown(path)), engine).toBeLessThan(1.5);
    }
  });

  it.each(['libvpx', 'libvpx-vp9'])('composites the alpha layer of %s over white', async (codec) => {
    const options = ['-c:v', codec, '-b:v', '2M', '-auto-alt-ref', '0'];
    const path = make(`${codec}.webm`, 'format=yuva420p,colorchannelmixer=aa=0.5', ...options);
    const expected = shown(path, ['-c:v', codec]);
    for (const engine of ENGINES) {
      expect(meanDistance((await read(path, engine)).data, expected), engine).toBeLessThan(3);
    }
  });

  it('composites the alpha of a codec that only ffmpeg decodes', async () => {
    const path = make('alpha.mov', 'format=argb,colorchannelmixer=aa=0.5', '-c:v', 'qtrle');
    expect(meanDistance((await read(path, 'ffmpeg')).data, shown(path))).toBeLessThan(1);
  });

  it('refuses a matrix that is not supported', async () => {
    const path = make('constant.mkv', '', ...tagged('bt2020c'));
    for (const engine of ENGINES) {
      await expect(read(path, engine), engine).rejects.toThrow(
        /must have a color matrix of .*, but is tagged "bt2020c"; convert it to BT\.709 first\.$/,
      );
    }
  });

  it.each([
    ['left', [-1, 0, 0, 1, 64, 0]],
    ['up', [1, 0, 0, -1, 0, 48]],
    ['by the diagonal', [0, 1, 1, 0, 0, 0]],
    ['by the other diagonal', [0, -1, -1, 0, 48, 64]],
    ['not at all, but turned', [0, 1, -1, 0, 48, 0]],
  ])('are mirrored by the display matrix: %s', async (name, matrix) => {
    const path = make(`${name}.mp4`, '', ...H264);
    turn(path, matrix);
    for (const engine of ENGINES) {
      expect(meanDistance((await read(path, engine)).data, shown(path)), engine).toBeLessThan(1.5);
    }
  });

  it('are turned by the display orientation of the stream', async () => {
    const plain = make('upright.mp4', '', ...H264, '-frames:v', '1');
    for (const orientation of ['rotate=90', 'flip=horizontal']) {
      const path = join(folder, 'orientation.mp4');
      ffmpeg('-i', plain, '-c', 'copy', '-bsf:v', `h264_metadata=display_orientation=insert:${orientation}`, path);
      for (const engine of ENGINES) {
        expect(meanDistance((await read(path, engine)).data, shown(path)), engine).toBeLessThan(1.5);
      }
    }
  });

  it('are refused where they are turned by another angle', async () => {
    const path = make('tilted.mp4', '', ...H264);
    turn(path, [0.866, 0.5, -0.5, 0.866, 0, 0]);
    for (const engine of ENGINES) {
      await expect(read(path, engine), engine).rejects.toThrow(/must be a multiple of 90 degrees, but is 30\.0; /);
    }
  });

  it('are cropped as the stream is tagged, by any number of pixels', async () => {
    const plain = make('whole.mp4', '', ...H264);
    const path = join(folder, 'cropped.mp4');
    const sides = 'crop_left=6:crop_top=4:crop_right=2:crop_bottom=8';
    ffmpeg('-i', plain, '-c', 'copy', '-bsf:v', `h264_metadata=${sides}`, path);
    for (const engine of ENGINES) {
      const frames = await read(path, engine);
      expect(frames, engine).toMatchObject({ width: 56, height: 36 });
      expect(meanDistance(frames.data, shown(path, ['-flags', 'unaligned'])), engine).toBeLessThan(1.5);
    }
  });

  it('have the matrix and range of VP8 whatever the container is tagged with', async () => {
    const tags = ['-colorspace', 'bt709', '-color_range', 'pc'];
    const path = make('tagged.webm', 'format=yuv420p', '-c:v', 'libvpx', '-b:v', '2M', ...tags);
    for (const engine of ENGINES) {
      expect(meanDistance((await read(path, engine)).data, shown(path)), engine).toBeLessThan(1.5);
    }
  });

  it('refuses RGB with subsampled chroma', async () => {
    const plain = make('subsampled.mp4', '', '-c:v', 'libx264', '-pix_fmt', 'yuv420p');
    const path = join(folder, 'rgb.mp4');
    ffmpeg('-i', plain, '-c', 'copy', '-bsf:v', 'h264_metadata=matrix_coefficients=0', path);
    for (const engine of ENGINES) {
      await expect(read(path, engine), engine).rejects.toThrow(/planes of one size where its color matrix is RGB/);
    }
  });

  it('have the aspect ratio of the stream where an MP4 has none', async () => {
    const path = make('aspect.mp4', 'setsar=2', ...H264);
    writeFileSync(path, Buffer.from(readFileSync(path, 'latin1').replace('pasp', 'free'), 'latin1'));
    for (const engine of ENGINES) {
      expect(await read(path, engine), engine).toMatchObject({ width: 128, height: 48 });
    }
  });

  it.each<[VideoFormat, WritableCodec]>([
    ['mp4', 'avc'],
    ['mp4', 'hevc'],
    ['mp4', 'vp9'],
    ['mp4', 'av1'],
    ['mov', 'hevc'],
    ['mkv', 'avc'],
    ['mkv', 'hevc'],
    ['mkv', 'av1'],
    ['mkv', 'vp9'],
    ['webm', 'vp9'],
    ['webm', 'av1'],
    ['webm', 'vp8'],
  ])('are tagged in written files: %s with %s', async (format, codec) => {
    for (const engines of [machineEngines, { ...machineEngines, loadServer: async () => false }]) {
      const path = join(folder, `written-${codec}.${format}`);
      const writer = await createVideoWriter(path, { width: 64, height: 48, fps: 10, codec }, engines);
      const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, index) => [200, 40, 60][index % 3]!);
      await writer.write({ width: 64, height: 48, timestamp: 0, data });
      await writer.finish();
      const probe = ['-v', 'error', '-show_entries', 'stream=color_space,color_range', '-of', 'csv=p=0', path];
      // VP8 has no tag in the stream, so FFmpeg's decoder assumes BT.601 whatever the container is tagged with.
      const matrix = codec === 'vp8' ? /smpte170m|bt470bg|unknown/ : /^tv,bt709$/;
      expect(spawnSync('ffprobe', probe).stdout.toString().trim()).toMatch(matrix);
      expect(meanDistance(shown(path), data)).toBeLessThan(3);
      expect(containerTags(path)).toEqual(codec === 'vp8' ? [1, 1, 6] : [1, 1, 1]);
      const bare = join(folder, 'bare');
      ffmpeg('-i', path, '-c', 'copy', '-f', { avc: 'h264', hevc: 'hevc' }[codec as string] ?? 'ivf', bare);
      expect(
        spawnSync('ffprobe', [...probe.slice(0, -1), bare])
          .stdout.toString()
          .trim(),
      ).toMatch(matrix);
    }
  });
});
