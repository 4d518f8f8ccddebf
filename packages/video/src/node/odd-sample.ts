import type * as Server from '@mediabunny/server';
import { VideoSample } from 'mediabunny';
import { type AvFrame, loadNodeAv } from './node-av.ts';
import { importServer } from './server-module.ts';

/** Makes a sample of tightly packed I420 whose sides may be odd. */
export type MakeSample = (
  i420: Uint8Array,
  size: { readonly width: number; readonly height: number },
  times: { readonly timestamp: number; readonly duration: number },
) => VideoSample;

/** A maker of samples that hold FFmpeg's own frames: mediabunny 1.61 miscounts I420 of odd width when it copies. */
export async function loadOddSample(): Promise<MakeSample> {
  const server = await importServer();
  const { Frame, Rational, AV_PIX_FMT_YUV420P } = await loadNodeAv();
  type ServerFrame = ConstructorParameters<typeof Server.AvFrameVideoSampleResource>[0];
  return (i420, { width, height }, times) => {
    const frame: AvFrame = new Frame();
    frame.alloc();
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = width;
    frame.height = height;
    frame.sampleAspectRatio = new Rational(1, 1);
    frame.fromBuffer(Buffer.from(i420.buffer, i420.byteOffset, i420.byteLength));
    frame.makeWritable();
    return new VideoSample(new server.AvFrameVideoSampleResource(frame as ServerFrame), times);
  };
}
