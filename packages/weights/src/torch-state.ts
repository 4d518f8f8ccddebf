import { CheckpointError, listNames } from '@od-vae/core/base';

import { chooseAutoencoder, findAutoencoders, unwrapName } from './find-autoencoder.ts';
import type { PickleValue } from './pickle-value.ts';
import { TorchTensorRecord, UnreadTensor } from './torch-tensor-record.ts';

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** The weights of a PyTorch checkpoint, out of their wrappers. */
export interface TorchState {
  /** Which part was taken: `ema_state_dict`, `state_dict.gen_model`, `state_dict` or `all`. */
  readonly part: string;
  readonly records: ReadonlyMap<string, TorchTensorRecord | UnreadTensor>;
  /** What stands beside the part, and what in it is no tensor. */
  readonly ignored: readonly string[];
}

/** A dict inside the root, with the keys that lead to it. */
interface Place {
  readonly path: readonly string[];
  readonly dict: Dict;
}

/** Dicts of weights by how they are preferred; those of EMA weights come first where these are wanted. */
const USUAL = ['ema_state_dict', 'state_dict.gen_model', 'state_dict', 'model_state_dict', ''];

/** Dicts inside each other that are searched for weights. */
const MAX_DEPTH = 4;

/**
 * Finds the dict of weights: the one that holds an autoencoder, EMA weights first (unless `useEma` is false). Otherwise
 * a filled `ema_state_dict`, else `state_dict.gen_model`, else `state_dict`, else the dict itself.
 *
 * @throws CheckpointError when there is no dict, no tensor in it, or several autoencoders without a clear choice
 */
export function torchState(root: PickleValue, useEma: boolean, label: string): TorchState {
  if (!(root instanceof Map))
    throw new CheckpointError(`${label} must hold a dict of tensors, but holds something else.`);
  const { path, dict } = autoencoderPlace(root, useEma, label) ?? usualPlace(root, useEma);
  const records = new Map<string, TorchTensorRecord | UnreadTensor>();
  const others = siblings(root, path);
  for (const [key, value] of dict) {
    if (typeof key === 'string' && isTensor(value)) records.set(key, value);
    else others.push([...path, nameOf(key)].join('.'));
  }
  if (records.size === 0) {
    throw new CheckpointError(
      `${label} has no tensors in ${path.join('.') || 'its dict'}, only ${listNames(others) || 'nothing'}.`,
    );
  }
  return { part: path.join('.') || 'all', records, ignored: others };
}

function autoencoderPlace(root: Dict, useEma: boolean, label: string): Place | undefined {
  const places = new Map(
    dictsIn(root)
      .filter(({ dict }) => findAutoencoders(tensorNames(dict)).length > 0)
      .map((place) => [place.path.join('.'), place]),
  );
  if (places.size === 0) return undefined;
  const chosen = chooseAutoencoder([...places.keys()], USUAL, useEma);
  if (chosen !== undefined) return places.get(chosen);
  throw new CheckpointError(
    `${label} has ${places.size} dicts of an autoencoder's weights: ${listNames([...places.keys()])}; save one of them alone.`,
  );
}

/** Every dict once, outer ones first. */
function dictsIn(root: Dict): Place[] {
  const places: Place[] = [{ path: [], dict: root }];
  const seen = new Set<Dict>([root]);
  for (const { path, dict } of places) {
    if (path.length === MAX_DEPTH) continue;
    for (const [key, value] of dict) {
      if (!(value instanceof Map) || typeof key !== 'string' || seen.has(value)) continue;
      seen.add(value);
      places.push({ path: [...path, key], dict: value });
    }
  }
  return places;
}

function tensorNames(dict: Dict): string[] {
  return Array.from(dict).flatMap(([key, value]) =>
    typeof key === 'string' && isTensor(value) ? [unwrapName(key)] : [],
  );
}

function usualPlace(root: Dict, useEma: boolean): Place {
  const ema = dictOf(root, 'ema_state_dict');
  if (useEma && ema && ema.size > 0) return { path: ['ema_state_dict'], dict: ema };
  const state = dictOf(root, 'state_dict');
  const generator = state && dictOf(state, 'gen_model');
  if (generator) return { path: ['state_dict', 'gen_model'], dict: generator };
  return state ? { path: ['state_dict'], dict: state } : { path: [], dict: root };
}

function dictOf(dict: Dict, key: string): Dict | undefined {
  const value = dict.get(key);
  return value instanceof Map ? value : undefined;
}

function isTensor(value: PickleValue): value is TorchTensorRecord | UnreadTensor {
  return value instanceof TorchTensorRecord || value instanceof UnreadTensor;
}

/** Everything beside a path, at each of its levels. */
function siblings(root: Dict, path: readonly string[]): string[] {
  const names: string[] = [];
  let dict = root;
  for (const [depth, taken] of path.entries()) {
    for (const key of dict.keys()) if (key !== taken) names.push([...path.slice(0, depth), nameOf(key)].join('.'));
    dict = dictOf(dict, taken)!;
  }
  return names;
}

function nameOf(key: PickleValue): string {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : '?';
}
