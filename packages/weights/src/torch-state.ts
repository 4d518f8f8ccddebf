import { CheckpointError, listNames } from '@od-vae/core/base';

import type { PickleValue } from './pickle-value.ts';
import { TorchTensorRecord, UnreadTensor } from './torch-tensor-record.ts';

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** The weights of a PyTorch checkpoint, out of their wrappers. */
export interface TorchState {
  /** Which part was taken: `ema_state_dict`, `state_dict.gen_model`, `state_dict` or `all`. */
  readonly part: string;
  readonly records: ReadonlyMap<string, TorchTensorRecord>;
  /** What stands beside the part, and what in it is no tensor. */
  readonly ignored: readonly string[];
}

/**
 * Finds the weights as Open-Sora-Plan does: a filled `ema_state_dict` (unless `useEma` is false), else
 * `state_dict.gen_model`, else `state_dict`, else the dict itself.
 *
 * @throws CheckpointError when there is no dict, or no tensor in it
 */
export function torchState(root: PickleValue, useEma: boolean, label: string): TorchState {
  if (!(root instanceof Map))
    throw new CheckpointError(`${label} must hold a dict of tensors, but holds something else.`);
  const { path, dict } = choose(root, useEma);
  const records = new Map<string, TorchTensorRecord>();
  const others = path.flatMap((key, depth) =>
    siblings(depth === 0 ? root : dictOf(root, path[0]!)!, key, path.slice(0, depth)),
  );
  for (const [key, value] of dict) {
    if (value instanceof UnreadTensor)
      throw new CheckpointError(`${label}: the tensor "${nameOf(key)}" ${value.reason}.`);
    if (typeof key === 'string' && value instanceof TorchTensorRecord) records.set(key, value);
    else others.push([...path, nameOf(key)].join('.'));
  }
  if (records.size === 0) {
    throw new CheckpointError(
      `${label} has no tensors in ${path.join('.') || 'its dict'}, only ${listNames(others) || 'nothing'}.`,
    );
  }
  return { part: path.join('.') || 'all', records, ignored: others };
}

function choose(root: Dict, useEma: boolean): { path: string[]; dict: Dict } {
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

function siblings(dict: Dict, taken: string, path: readonly string[]): string[] {
  return [...dict.keys()].filter((key) => key !== taken).map((key) => [...path, nameOf(key)].join('.'));
}

function nameOf(key: PickleValue): string {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : '?';
}
