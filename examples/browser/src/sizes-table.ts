import { element } from './element.ts';
import type { RunReport } from './protocol.ts';
import { bytesText, secondsText } from './words.ts';

const IDS = ['size-file', 'size-raw', 'size-latents', 'size-ratio', 'run-time'] as const;

/** What the clip and its latents take, beside the file it came from. */
export class SizesTable {
  /** Has nothing to say any more. */
  clear(): void {
    for (const id of IDS) element(id, HTMLElement).textContent = '–';
  }

  /**
   * @param seconds from the start to the end of the run
   * @param fileBytes of the whole file; undefined where there was none
   */
  show(
    { frames, width, height, latentShape, backend }: RunReport,
    seconds: number,
    fileBytes: number | undefined,
  ): void {
    const raw = frames * width * height * 3;
    const latents = latentShape.reduce((product, side) => product * side, Float32Array.BYTES_PER_ELEMENT);
    const texts: Readonly<Record<(typeof IDS)[number], string>> = {
      'size-file': fileBytes === undefined ? 'webcam' : `${bytesText(fileBytes)}, whole`,
      'size-raw': bytesText(raw),
      'size-latents': bytesText(latents),
      'size-ratio': `${(raw / latents).toFixed(1)} : 1`,
      'run-time': `${secondsText(seconds)} on ${backend}`,
    };
    for (const id of IDS) element(id, HTMLElement).textContent = texts[id];
  }
}
