import { CheckpointError, listNames } from '@od-vae/core/base';

import type { ByteSource } from './byte-source.ts';
import type { Folder } from './folder.ts';

/** Names that are tried in this order once there is no `.ckpt`. */
const USUAL_NAMES = [
  'diffusion_pytorch_model.safetensors',
  'diffusion_pytorch_model.safetensors.index.json',
  'diffusion_pytorch_model.bin',
];

/** Where a folder cannot be listed, the `.ckpt` has the name of Open-Sora-Plan's release. */
const RELEASED_NAME = 'checkpoint.ckpt';

/**
 * The weights of a folder, as `from_pretrained` of Open-Sora-Plan finds them: the last `*.ckpt` by name, where
 * numbers are compared by value, else the usual names of diffusers, else the one safetensors file (or index of one) that is there.
 *
 * @throws CheckpointError listing what was looked for
 */
export async function findWeights(folder: Folder): Promise<ByteSource> {
  const files = await folder.list();
  for (const name of files ? candidates(files, folder.label) : [RELEASED_NAME, ...USUAL_NAMES]) {
    const source = await folder.open(name);
    if (source) return source;
  }
  const looked = `*.ckpt, ${USUAL_NAMES.join(', ')} or one *.safetensors`;
  const there = files
    ? `it holds ${files.length > 0 ? listNames(files, 5) : 'no files'}`
    : 'the server has none of them';
  throw new CheckpointError(`${folder.label} has no weights: looked for ${looked}, but ${there}.`);
}

/** Compares names with the numbers in them by value: `checkpoint-14000` comes after `checkpoint-9000`. */
function byNumber(a: string, b: string): number {
  const [one, other] = [a, b].map((name) => name.split(/(\d+)/));
  for (let index = 0; index < Math.min(one!.length, other!.length); index++) {
    const [x, y] = [one![index]!, other![index]!];
    const difference = index % 2 === 1 ? Number(x) - Number(y) : 0;
    if (difference !== 0) return difference;
    if (index % 2 === 0 && x !== y) return x < y ? -1 : 1;
  }
  return one!.length - other!.length || (a < b ? -1 : 1);
}

function candidates(files: readonly string[], label: string): readonly string[] {
  const checkpoint = files
    .filter((name) => name.endsWith('.ckpt'))
    .toSorted(byNumber)
    .at(-1);
  const usual = checkpoint ?? USUAL_NAMES.find((name) => files.includes(name));
  if (usual !== undefined) return [usual];
  const indexes = files.filter((name) => name.endsWith('.safetensors.index.json'));
  const others = indexes.length > 0 ? indexes : files.filter((name) => name.endsWith('.safetensors'));
  if (others.length > 1) {
    throw new CheckpointError(
      `${label} has ${others.length} files of weights (${listNames(others.toSorted())}); name the one to open.`,
    );
  }
  return others;
}
