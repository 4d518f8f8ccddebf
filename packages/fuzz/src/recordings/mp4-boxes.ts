import { type Edit, ORIENTATIONS } from './recipe.ts';

/** A box of an MP4 file; one that holds boxes has `children`. */
interface Box {
  readonly type: string;
  body: Buffer;
  children?: Box[];
}

const HOLDERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts']);

/**
 * Returns an MP4 file with another edit list or display matrix for its video track.
 *
 * @param file an MP4 whose `moov` follows `mdat`, so that no offset changes
 */
export function editMp4(
  file: Buffer,
  { edits, orientation, rate }: { edits: readonly Edit[] | undefined; orientation: number; rate: number },
): Buffer {
  const boxes = parse(file);
  const moov = find(boxes, 'moov');
  const track = moov.children!.find((box) => box.type === 'trak' && handlerOf(box) === 'vide')!;
  const movieScale = find(moov.children!, 'mvhd').body.readUInt32BE(12);
  const mediaScale = find(find(track.children!, 'mdia').children!, 'mdhd').body.readUInt32BE(12);
  if (edits) {
    const others = track.children!.filter(({ type }) => type !== 'edts');
    const list = editList(edits, movieScale / rate, mediaScale / rate);
    track.children = [others[0]!, { type: 'edts', body: Buffer.alloc(0), children: [list] }, ...others.slice(1)];
  }
  if (orientation !== 0) turn(find(track.children!, 'tkhd'), orientation);
  return serialize(boxes);
}

function editList(edits: readonly Edit[], movieTicks: number, mediaTicks: number): Box {
  const body = Buffer.alloc(8 + 12 * edits.length);
  body.writeUInt32BE(edits.length, 4);
  for (const [index, { from, frames }] of edits.entries()) {
    const at = 8 + 12 * index;
    body.writeUInt32BE(Math.round(frames * movieTicks), at);
    body.writeInt32BE(from === undefined ? -1 : Math.round(from * mediaTicks), at + 4);
    body.writeUInt32BE(0x10000, at + 8);
  }
  return { type: 'elst', body };
}

/** Sets the display matrix; the translation keeps the picture in the positive quadrant. */
function turn(header: Box, orientation: number): void {
  const [a, b, c, d] = ORIENTATIONS[orientation]!;
  const [width, height] = [header.body.readUInt32BE(76), header.body.readUInt32BE(80)];
  const x = a < 0 ? width : c < 0 ? height : 0;
  const y = b < 0 ? width : d < 0 ? height : 0;
  const values = [a * 0x10000, b * 0x10000, 0, c * 0x10000, d * 0x10000, 0, x, y, 0x4000_0000];
  for (const [index, value] of values.entries()) header.body.writeInt32BE(value, 40 + 4 * index);
}

function handlerOf(track: Box): string {
  return find(find(track.children!, 'mdia').children!, 'hdlr').body.toString('latin1', 8, 12);
}

function find(boxes: readonly Box[], type: string): Box {
  return boxes.find((box) => box.type === type)!;
}

function parse(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = Buffer.from(bytes.subarray(at + 8, at + size));
    boxes.push({ type, body, ...(HOLDERS.has(type) && { children: parse(body) }) });
    at += Math.max(size, 8);
  }
  return boxes;
}

function serialize(boxes: readonly Box[]): Buffer {
  return Buffer.concat(
    boxes.map(({ type, body, children }) => {
      const content = children ? serialize(children) : body;
      const head = Buffer.alloc(8);
      head.writeUInt32BE(content.length + 8);
      head.write(type, 4, 'latin1');
      return Buffer.concat([head, content]);
    }),
  );
}
