import { type ConvolutionGeometry, type ConvolutionTile, evenPart, panelCount } from './convolution-geometry.ts';
import { imageParts, JOBS_PER_THREAD, type Place, type TileOptions, withPanels } from './convolution-tiles.ts';
import { pairsFrames, winogradOf } from './winograd-layout.ts';

/** Patches, counted over all frames of a tile, that share one transform of the weights: as many as make it cheap. */
const PATCHES = { least: 64, most: 512 } as const;
/** Frames of one tile, in pairs, after the first frame of a clip, which is computed alone. */
const FRAMES = 8;
/** Bytes of transformed input of one tile at most. */
const TRANSFORMED_BYTES = 2 ** 25;

/** Cuts the output of a Winograd convolution into tiles, which no result depends on. */
export function winogradTiles(
  geometry: ConvolutionGeometry,
  { blockColumns, threads }: TileOptions,
): ConvolutionTile[] {
  const { output, batch, channels, kernel } = geometry;
  const { outputs, products } = winogradOf(geometry);
  // Pairs need an even number of frames a tile, and the first tile one more.
  const inPairs = 2 * Math.ceil(evenPart(Math.max(1, output.time - 1), FRAMES) / 2);
  const paired = pairsFrames(geometry);
  const frames = paired ? Math.min(output.time, inPairs + 1) : evenPart(output.time, FRAMES + 1);
  const reads = paired ? 2 * frames : frames + kernel.time - 1;
  const height = Math.ceil(output.height / outputs);
  const width = Math.ceil(output.width / outputs);
  const bytesOfPatch = products * 4 * channels * reads;
  // Where tiles are few their output channels are cut up, and each part transforms the input for itself.
  const shared = (batch * output.time * height * width) / (JOBS_PER_THREAD * threads);
  const perTile = Math.max(PATCHES.least, Math.min(PATCHES.most, shared));
  const patches = Math.max(1, Math.min(Math.ceil(perTile / frames), Math.floor(TRANSFORMED_BYTES / bytesOfPatch)));
  const columns = evenPart(width, Math.ceil(Math.sqrt(patches)));
  const rows = evenPart(height, Math.floor(patches / columns));
  const places: Place[] = [];
  for (let image = 0; image < batch; image++) {
    for (let frame = 0, count = frames; frame < output.time; frame += count, count = paired ? inPairs : frames) {
      count = Math.min(count, output.time - frame);
      for (const part of imageParts(geometry, rows * outputs, columns * outputs)) {
        places.push({ batch: image, frame, frames: count, ...part });
      }
    }
  }
  return withPanels(places, panelCount(geometry.outChannels, blockColumns), threads);
}
