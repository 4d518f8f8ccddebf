import type { Mutation } from './mutation.ts';

/** Share of the changes that fall into the part of a file that describes the rest of it. */
const FOCUS_SHARE = 0.7;

/** A file with changes made to it, one after the other; the original stays as it is. */
export function mutate(
  bytes: Uint8Array,
  mutations: readonly Mutation[],
  focus: readonly [begin: number, end: number] = [0, bytes.length],
): Uint8Array<ArrayBuffer> {
  return mutations.reduce<Uint8Array<ArrayBuffer>>(
    (file, mutation) => change(file, mutation, placeOf(mutation.at, file.length, focus)),
    Uint8Array.from(bytes),
  );
}

/** Most places lie in the focus, the rest anywhere. */
function placeOf(at: number, length: number, [begin, end]: readonly [number, number]): number {
  const inFocus = at < FOCUS_SHARE;
  const [from, to] = inFocus ? [Math.min(begin, length), Math.min(end, length)] : [0, length];
  const share = inFocus ? at / FOCUS_SHARE : (at - FOCUS_SHARE) / (1 - FOCUS_SHARE);
  return from + Math.floor(share * (to - from));
}

function change(file: Uint8Array<ArrayBuffer>, mutation: Mutation, at: number): Uint8Array<ArrayBuffer> {
  switch (mutation.kind) {
    case 'flip':
      if (at < file.length) file[at]! ^= 1 << mutation.bit;
      return file;
    case 'set':
      if (at < file.length) file[at] = mutation.value;
      return file;
    case 'number':
      return overwrite(file, at, numberBytes(mutation.value, mutation.width, mutation.big));
    case 'digits':
      return replaceWord(file, at, mutation.text);
    case 'insert':
      return splice(file, at, at, mutation.bytes);
    case 'remove':
      return splice(file, at, at + mutation.length);
    case 'repeat':
      return repeat(file, at, mutation.length, mutation.times);
    case 'move': {
      const part = file.slice(at, at + mutation.length);
      const rest = splice(file, at, at + mutation.length);
      const to = Math.floor(mutation.to * rest.length);
      return splice(rest, to, to, part);
    }
    case 'cut':
      return file.slice(0, at);
  }
}

function overwrite(file: Uint8Array<ArrayBuffer>, at: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  file.set(bytes.subarray(0, Math.max(0, file.length - at)), at);
  return file;
}

function splice(
  file: Uint8Array<ArrayBuffer>,
  begin: number,
  end: number,
  inserted: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const stop = Math.min(end, file.length);
  const result = new Uint8Array(file.length - (stop - begin) + inserted.length);
  result.set(file.subarray(0, begin));
  result.set(inserted, begin);
  result.set(file.subarray(stop), begin + inserted.length);
  return result;
}

function repeat(file: Uint8Array<ArrayBuffer>, at: number, length: number, times: number): Uint8Array<ArrayBuffer> {
  const part = file.slice(at, at + length);
  const copies = new Uint8Array(part.length * times);
  for (let copy = 0; copy < times; copy++) copies.set(part, copy * part.length);
  return splice(file, at, at, copies);
}

function numberBytes(value: bigint, width: number, big: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from({ length: width }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
  return big ? bytes.toReversed() : bytes;
}

/** Puts a text in the place of the number or word that begins next, if there is one near. */
function replaceWord(file: Uint8Array<ArrayBuffer>, at: number, text: string): Uint8Array<ArrayBuffer> {
  const near = String.fromCharCode(...file.subarray(at, at + 80));
  const word = /(?<![\w.])[\w.-]+/.exec(near);
  if (!word) return file;
  const begin = at + word.index;
  return splice(file, begin, begin + word[0].length, new TextEncoder().encode(text));
}
