import { CheckpointError, listNames } from '@od-vae/core/base';

import { fromCompvisName, type Shapes, toCompvisName } from './compvis-names.ts';
import { decoderLevels, fromDiffusersName, toDiffusersName } from './diffusers-names.ts';
import { detectFamily, type NamedFamily } from './family.ts';
import type { Rename } from './key-map.ts';

/** The new name and shape of one tensor; its values and their order stay. */
export interface Renamed {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A weight of 2D attention, whose 1x1 convolution is a linear layer in diffusers: the same values, two axes less. */
const ATTENTION_WEIGHT = /\.attn(?:_1|\.\d+)\.(?:q|k|v|proj_out)\.weight$/;

/**
 * Every tensor's name and shape in another family, by its name now. The family now is told from the names.
 *
 * To CompVis, a causal convolution loses its inner `conv`; its rank-5 weight tells that it was one, so the way back is
 * open. To diffusers, it keeps it (as CogVideoX does), and 2D attention weights become `[c, c]`.
 *
 * @throws CheckpointError when the names fit no family, when a name has no counterpart, or two would become one
 */
export function renameTensors(shapes: Shapes, to: NamedFamily): Map<string, Renamed> {
  const from = detectFamily(shapes.keys());
  if (from === 'unknown') {
    throw new CheckpointError(
      `${listNames([...shapes.keys()])} fit the names of no family, so they have none in ${to}.`,
    );
  }
  const levels = decoderLevels(shapes.keys());
  const common = from === 'diffusers' ? through(identity(shapes), fromDiffusersName, levels, from) : identity(shapes);
  const inner = from === 'compvis' ? mapNames(common, (name) => fromCompvisName(name, shapes)) : common;
  const open = withConvolutionShapes(inner);
  if (to === 'open-sora-plan') return open;
  if (to === 'diffusers') return through(withLinearShapes(open), toDiffusersName, levels, to);
  const openShapes = new Map(Array.from(open.values(), ({ name, shape }) => [name, shape]));
  return mapNames(open, (name) => toCompvisName(name, openShapes));
}

function identity(shapes: Shapes): Map<string, Renamed> {
  return new Map(Array.from(shapes, ([name, shape]) => [name, { name, shape }]));
}

function mapNames(renamed: ReadonlyMap<string, Renamed>, rename: (name: string) => string): Map<string, Renamed> {
  const taken = new Map<string, string>();
  const result = new Map<string, Renamed>();
  for (const [original, { name, shape }] of renamed) {
    const fresh = rename(name);
    const rival = taken.get(fresh);
    if (rival !== undefined) throw new CheckpointError(`"${rival}" and "${original}" would both become "${fresh}".`);
    taken.set(fresh, original);
    result.set(original, { name: fresh, shape });
  }
  return result;
}

function through(
  renamed: ReadonlyMap<string, Renamed>,
  rename: Rename,
  levels: number,
  family: NamedFamily,
): Map<string, Renamed> {
  const unknown = Array.from(renamed.values(), ({ name }) => name).filter((name) => rename(name, levels) === undefined);
  if (unknown.length > 0) {
    throw new CheckpointError(
      `${listNames(unknown)} fit no rule between the names of Open-Sora-Plan and of ${family}.`,
    );
  }
  return mapNames(renamed, (name) => rename(name, levels)!);
}

function withConvolutionShapes(renamed: ReadonlyMap<string, Renamed>): Map<string, Renamed> {
  return mapShapes(renamed, ({ name, shape }) =>
    ATTENTION_WEIGHT.test(name) && shape.length === 2 ? [...shape, 1, 1] : shape,
  );
}

function withLinearShapes(renamed: ReadonlyMap<string, Renamed>): Map<string, Renamed> {
  return mapShapes(renamed, ({ name, shape }) => {
    const pointwise = ATTENTION_WEIGHT.test(name) && shape.length === 4 && shape[2] === 1 && shape[3] === 1;
    return pointwise ? shape.slice(0, 2) : shape;
  });
}

function mapShapes(
  renamed: ReadonlyMap<string, Renamed>,
  shapeOf: (tensor: Renamed) => readonly number[],
): Map<string, Renamed> {
  return new Map(Array.from(renamed, ([original, tensor]) => [original, { ...tensor, shape: shapeOf(tensor) }]));
}
