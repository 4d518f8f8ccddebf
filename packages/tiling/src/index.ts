export type { ClipFunction, SteppedClipFunction } from './clip-function.ts';
export { type ClipSize, type PlanRequest, planTiles, type TilePlan, type TilingOptions } from './plan-tiles.ts';
export type { AxisTile, TilingDirection } from './spatial-tiles.ts';
export { temporallyTiled, type TemporalTilingOptions } from './temporally-tiled.ts';
export { temporalTiles, type TileRange } from './temporal-tiles.ts';
export { tiled } from './tiled.ts';
export { type LongClipFunction, tiledAsync } from './tiled-async.ts';
export {
  type TiledGroup,
  tiledGroups,
  type TiledGroupsOptions,
  tiledStream,
  type TiledStreamOptions,
} from './tiled-stream.ts';
export {
  officialTiling,
  paperTiling,
  saveMemoryTiling,
  scriptTiling,
  type SpatialTiling,
  type Tiling,
  v11Tiling,
} from './tiling.ts';
export { type Window, type WindowOptions, windows } from './windows.ts';
