import type { WritableTarget } from '@od-vae/video';

/** A stream that keeps what is written to it, wherever in the file it goes, and gives it as a Blob. */
export function blobTarget(): { stream: WritableTarget; blob: () => Blob } {
  let bytes = new Uint8Array(0);
  const stream: WritableTarget = new WritableStream({
    write: ({ data, position }) => {
      const whole = new Uint8Array(Math.max(bytes.length, position + data.length));
      whole.set(bytes);
      whole.set(data, position);
      bytes = whole;
    },
  });
  return { stream, blob: () => new Blob([bytes]) };
}
