import type { WritableTarget } from '@od-vae/video';

/** A stream that keeps what is written to it, wherever in the file it goes. */
export function bytesTarget(): { readonly stream: WritableTarget; readonly bytes: () => Uint8Array<ArrayBuffer> } {
  let room = new Uint8Array(2 ** 16);
  let length = 0;
  const stream: WritableTarget = new WritableStream({
    write: ({ data, position }) => {
      length = Math.max(length, position + data.length);
      if (length > room.length) {
        const larger = new Uint8Array(Math.max(length, 2 * room.length));
        larger.set(room);
        room = larger;
      }
      room.set(data, position);
    },
  });
  return { stream, bytes: () => room.slice(0, length) };
}
