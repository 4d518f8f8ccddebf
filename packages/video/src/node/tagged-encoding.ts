import { AsyncLocalStorage } from 'node:async_hooks';
import type { WrittenColor } from '../written-color.ts';
import { type AvCodecContext, loadNodeAv, type NodeAv } from './node-av.ts';

/** Colors of the encoder that is opened within a call. */
const opening = new AsyncLocalStorage<WrittenColor>();

let patching: Promise<void> | undefined;

/**
 * Runs `work` so that an encoder of @mediabunny/server that it opens writes color tags into the stream.
 *
 * @mediabunny/server 1.59 has no option for this; its encoders are opened by node-av's `CodecContext.open2`, which is
 * wrapped once. Encoders that are opened outside `work` are not affected.
 */
export async function withColorTags<T>(color: WrittenColor, work: () => Promise<T>): Promise<T> {
  await (patching ??= loadNodeAv().then(patchOpen));
  return opening.run(color, work);
}

function patchOpen(av: NodeAv): void {
  const { prototype } = av.CodecContext;
  const { open2 } = prototype;
  prototype.open2 = function openTagged(this: AvCodecContext, ...parameters: Parameters<typeof open2>) {
    const color = opening.getStore();
    if (color) {
      this.colorPrimaries = av.AVCOL_PRI_BT709;
      this.colorTrc = av.AVCOL_TRC_BT709;
      this.colorSpace = color.matrixCode;
      this.colorRange = av.AVCOL_RANGE_MPEG;
    }
    return open2.apply(this, parameters);
  };
}
