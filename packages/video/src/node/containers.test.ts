// Frames and times that FFmpeg shows of unusual containers, read with both engines, or refused.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineEngines } from '../media-engines.ts';
import { inspectStructure, MEDIA_LIMITS } from '../media-limits.ts';
import { openSource } from '../open-source.ts';
import { openVideo } from '../open-video.ts';
import type { MediaEngine } from '../types.ts';

const hasFfmpeg = (await machineEngines.findFfmpeg()) !== undefined;
const ENGINES: readonly (MediaEngine | undefined)[] = [undefined, 'ffmpeg'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'od-vae-video-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...options: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, options, { maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout.toString() + stderr.toString();
}

/** Makes a file of 30 frames at 25 frames a second. */
function make(name: string, ...options: string[]): string {
  const path = join(folder, name);
  run('ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=25:d=1.2', ...options, path);
  return path;
}

function remux(path: string, name: string, before: readonly string[]): string {
  const target = join(folder, name);
  run('ffmpeg', '-v', 'error', '-y', ...before, '-i', path, '-c', 'copy', target);
  return target;
}

/** Times of the frames that ffmpeg shows. */
function shownTimes(path: string): number[] {
  const options = ['-hide_banner', '-copyts', '-i', path, '-map', '0:V:0', '-vf', 'showinfo', '-vsync', 'passthrough'];
  return [...run('ffmpeg', ...options, '-f', 'null', '-').matchAll(/ pts_time:(\S+)/g)].map(([, time]) => Number(time));
}

async function expectShown(path: string, times = shownTimes(path)): Promise<void> {
  expect(times).not.toHaveLength(0);
  for (const engine of ENGINES) {
    await using reader = await openVideo(path, { engine });
    const read: number[] = [];
    for await (const { timestamp } of reader.frames()) read.push(timestamp);
    expect(read, String(engine)).toHaveLength(times.length);
    for (const [index, time] of read.entries()) expect(time, `${engine} ${index}`).toBeCloseTo(times[index]!, 2);
    expect(reader.frameCount, String(engine)).toBe(read.length);
    // Theora leaves out frames that equal the one before.
    if (path.endsWith('.ogv')) continue;
    expect(reader.fps, String(engine)).toBeCloseTo(25, 5);
    expect(reader.info.duration, String(engine)).toBeCloseTo(read.length / 25, 1);
  }
}

/** Puts an edit list of `[length in seconds, first time of the media or -1]` in the place of the only one. */
function edit(path: string, ...edits: (readonly [number, number])[]): string {
  const file = readFileSync(path);
  const scale = (type: string) => file.readUInt32BE(file.indexOf(type) + 4 + 12);
  const list = Buffer.alloc(16 + 12 * edits.length);
  list.writeUInt32BE(list.length, 0);
  list.write('elst', 4, 'latin1');
  list.writeUInt32BE(edits.length, 12);
  for (const [index, [length, start]] of edits.entries()) {
    list.writeUInt32BE(Math.round(length * scale('mvhd')), 16 + 12 * index);
    list.writeInt32BE(start < 0 ? -1 : Math.round(start * scale('mdhd')), 20 + 12 * index);
    list.writeUInt32BE(0x10000, 24 + 12 * index);
  }
  const at = file.indexOf('elst') - 4;
  const size = file.readUInt32BE(at);
  // The movie header is the last part of the file, so no offset changes.
  for (const parent of ['moov', 'trak', 'edts']) {
    const place = file.indexOf(parent) - 4;
    file.writeUInt32BE(file.readUInt32BE(place) + list.length - size, place);
  }
  writeFileSync(path, Buffer.concat([file.subarray(0, at), list, file.subarray(at + size)]));
  return path;
}

/** A void element of Matroska. */
function filling(size: number): Buffer {
  const element = Buffer.alloc(size);
  element[0] = 0xec;
  element.writeUInt32BE(0x10000000 + size - 5, 1);
  return element;
}

const H264 = ['-c:v', 'libx264', '-bf', '0', '-g', '6', '-pix_fmt', 'yuv420p'];
const B_FRAMES = ['-c:v', 'libx264', '-bf', '3', '-g', '10', '-x264-params', 'open-gop=1', '-pix_fmt', 'yuv420p'];

/** These run where `ffmpeg` and `ffprobe` are on PATH. */
describe.skipIf(!hasFfmpeg)('containers are read as FFmpeg shows them', { timeout: 60_000 }, () => {
  it.each<[string, readonly (readonly [number, number])[], number]>([
    ['ends early', [[0.6, 0]], 15],
    ['starts late', [[0.8, 0.4]], 20],
    ['starts within a frame', [[0.8, 0.39]], 20],
    [
      'begins with nothing',
      [
        [0.5, -1],
        [0.4, 0.2],
      ],
      10,
    ],
    ['reaches beyond the end', [[5, 0.8]], 10],
    [
      'has two parts',
      [
        [0.2, 0],
        [0.2, 0.8],
      ],
      10,
    ],
    [
      'repeats a part',
      [
        [0.2, 0.4],
        [0.2, 0.4],
      ],
      10,
    ],
  ])('an edit list that %s', async (name, edits, count) => {
    const path = edit(make(`${name}.mp4`, ...H264), ...edits);
    const times = shownTimes(path);
    expect(times).toHaveLength(count);
    await expectShown(path, times);
  });

  it.each([['frag_keyframe'], ['frag_keyframe+separate_moof'], ['frag_keyframe+empty_moov'], ['negative_cts_offsets']])(
    'an MP4 with %s',
    async (flags) => {
      await expectShown(make(`${flags}.mp4`, ...H264, '-movflags', flags));
    },
  );

  it.each([
    ['mpeg4.avi', ['-c:v', 'mpeg4', '-bf', '2']],
    ['h264.avi', ['-c:v', 'libx264', '-bf', '3', '-pix_fmt', 'yuv420p']],
    ['mpeg4.ts', ['-c:v', 'mpeg4']],
    ['mpeg2.ts', ['-c:v', 'mpeg2video', '-bf', '2']],
    ['mpeg2.mpg', ['-c:v', 'mpeg2video', '-bf', '2', '-f', 'vob']],
    ['theora.ogv', ['-c:v', 'libtheora']],
    ['wmv.asf', ['-c:v', 'wmv2']],
    ['raw.h264', B_FRAMES],
    [
      'altref.webm',
      ['-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '10', '-b:v', '1M', '-deadline', 'good'],
    ],
  ])('%s', async (name, options) => {
    await expectShown(make(name, ...options));
  });

  it.each(['mkv', 'mp4', 'mov'])('a cut before leading pictures in %s', async (extension) => {
    const whole = make('whole.mkv', ...B_FRAMES);
    const path = remux(whole, `cut.${extension}`, ['-ss', '0.5']);
    await expectShown(path);
  });

  it('a transport stream that begins within a group of pictures', async () => {
    const whole = readFileSync(make('whole.ts', ...H264));
    const path = join(folder, 'middle.ts');
    const packet = 188;
    const rest = whole.subarray(packet * Math.floor(whole.length / packet / 3));
    writeFileSync(path, Buffer.concat([whole.subarray(0, 3 * packet), rest]));
    const times = shownTimes(path);
    expect(times.length).toBeLessThan(30);
    await expectShown(path, times);
  });

  it.each([
    ['intra refresh', ['-bf', '0', '-x264-params', 'intra-refresh=1:keyint=15']],
    ['an open group of pictures', ['-bf', '2', '-x264-params', 'open-gop=1:keyint=15']],
  ])('a transport stream with %s that is joined in its middle, and a copy of it', async (name, options) => {
    const whole = readFileSync(make('refresh.ts', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...options));
    const path = join(folder, `${name}.ts`);
    const packet = 188;
    writeFileSync(path, whole.subarray(packet * Math.floor(whole.length / packet / 3)));
    const copy = remux(path, `${name}.mkv`, []);
    await expectShown(path);
    await expectShown(copy);
  });

  it('a Matroska file whose tracks are described behind its frames', async () => {
    const file = readFileSync(make('tracks-first.mkv', ...H264));
    const segment = file.indexOf(Buffer.from([0x18, 0x53, 0x80, 0x67])) + 12;
    const cluster = file.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
    // Not the entry of the index that refers to them.
    const tracks = file.lastIndexOf(Buffer.from([0x16, 0x54, 0xae, 0x6b]), cluster);
    const place = file.length - segment;
    const entry = [0x4d, 0xbb, 0x8e, 0x53, 0xab, 0x84, 0x16, 0x54, 0xae, 0x6b, 0x53, 0xac, 0x84, 0, 0, 0, 0];
    const index = Buffer.from([0x11, 0x4d, 0x9b, 0x74, 0x80 + entry.length, ...entry]);
    index.writeUInt32BE(place, index.length - 4);
    const indexEnd = segment + 5 + (file[segment + 4]! & 0x7f);
    const head = file.subarray(0, segment);
    head.writeBigUInt64BE(2n ** 56n + BigInt(place + cluster - tracks), segment - 8);
    const path = join(folder, 'late-tracks.mkv');
    writeFileSync(
      path,
      Buffer.concat([
        head,
        index,
        filling(indexEnd - segment - index.length),
        file.subarray(indexEnd, tracks),
        filling(cluster - tracks),
        file.subarray(cluster),
        file.subarray(tracks, cluster),
      ]),
    );
    await expectShown(path);
  });
});

describe('containers that only ffmpeg reads', () => {
  const alone = { ...machineEngines, findFfmpeg: async () => undefined };
  const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

  it.each([
    ['several edits', 'edit-list', MEDIA_LIMITS.severalEdits],
    ['Matroska sizes', 'open-sizes', MEDIA_LIMITS.openSizes],
  ])('are refused without it: %s', async (_, kind, { construction }) => {
    let bytes: Uint8Array;
    if (kind === 'edit-list') {
      const path = join(folder, 'edits.mp4');
      writeFileSync(path, fixture('h264.mp4'));
      bytes = readFileSync(edit(path, [0.04, 0], [0.04, 0.08]));
    } else {
      const file = fixture('vp9.webm');
      const at = file.indexOf(Buffer.from([0x18, 0x53, 0x80, 0x67])) + 4;
      const length = Math.clz32(file[at]!) - 23;
      bytes = Buffer.concat([file.subarray(0, at), Buffer.from([0x3f, 0xff, 0xff]), file.subarray(at + length)]);
      bytes[at] = 0x3f;
    }
    await expect(openSource(new Uint8Array(bytes), {}, alone)).rejects.toThrow(
      `has ${construction}, which only ffmpeg can read: run "`,
    );
  });

  it('are refused where they are encrypted', async () => {
    const file = Buffer.from(fixture('h264.mp4').toString('latin1').replace('avc1\0', 'encv\0'), 'latin1');
    const at = file.indexOf('stsd');
    file.write('encv', at + 16, 'latin1');
    await expect(openVideo(new Uint8Array(file))).rejects.toThrow(/is encrypted \(DRM\); decrypt it first\.$/);
  });

  it.each(['h264.mp4', 'vp9.webm'])('are recognized where a server does not send the size: %s', async (name) => {
    let file = fixture(name);
    if (name === 'h264.mp4') {
      const path = join(folder, 'unsized.mp4');
      writeFileSync(path, file);
      file = readFileSync(edit(path, [0.04, 0], [0.04, 0.08]));
    }
    const read = async (offset: number, length: number) => file.subarray(offset, offset + length);
    const bytes = { name, size: Infinity, read, close: async () => undefined };
    const { limit } = await inspectStructure(bytes, { isRemote: true });
    expect(limit).toBe(name === 'h264.mp4' ? MEDIA_LIMITS.severalEdits : undefined);
  });

  it('are refused where they begin in the clear and are encrypted later', async () => {
    const file = fixture('h264.mp4');
    const at = file.indexOf('stsd') - 4;
    const entry = Buffer.from([0, 0, 0, 8, ...Buffer.from('encv')]);
    const size = file.readUInt32BE(at);
    const longer = Buffer.concat([file.subarray(0, at + size), entry, file.subarray(at + size)]);
    for (const parent of ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd']) {
      const place = longer.indexOf(parent) - 4;
      longer.writeUInt32BE(longer.readUInt32BE(place) + entry.length, place);
    }
    await expect(openVideo(new Uint8Array(longer))).rejects.toThrow(/is encrypted \(DRM\)/);
  });

  it('are refused where they are encrypted, in Matroska', async () => {
    const file = fixture('vp9.webm');
    const entry = file.indexOf(0xae, file.lastIndexOf(Buffer.from([0x16, 0x54, 0xae, 0x6b])) + 4);
    const encryption = Buffer.from([0x6d, 0x80, 0x86, 0x62, 0x40, 0x83, 0x50, 0x35, 0x80]);
    // In the place of the elements of the track behind its number.
    const content = entry + 1 + (Math.clz32(file[entry + 1]!) - 23);
    const at = content + 3;
    encryption.copy(file, at);
    file.set([0xec, 0x80], at + encryption.length);
    for (const engine of ENGINES) {
      if (engine === 'ffmpeg' && !hasFfmpeg) continue;
      await expect(openVideo(new Uint8Array(file), { engine })).rejects.toThrow(/is encrypted \(DRM\)/);
    }
  });
});
