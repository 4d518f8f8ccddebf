import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';

import { mutate } from './mutate.ts';
import { type Mutation, mutations } from './mutation.ts';

/** A real file that inputs are made of. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The part that describes the rest, where most changes fall; by default the whole. */
  readonly focus?: readonly [begin: number, end: number] | undefined;
  /** Sets right what a change of length or content has made wrong elsewhere, so that readers get further. */
  readonly mend?: ((changed: Uint8Array<ArrayBuffer>, original: Uint8Array) => Uint8Array<ArrayBuffer>) | undefined;
}

/** A real file and what is changed in it. */
export interface ChangedFile {
  readonly seed: Seed;
  readonly mutations: readonly Mutation[];
  readonly mended: boolean;
}

/** The bytes of a file of this repository. */
export async function repositoryFile(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(`../../../${path}`, import.meta.url)));
}

/** Seeds of the repository's files; the first and last bytes describe the rest where no focus is named. */
export function repositorySeeds(
  paths: readonly string[],
  focusOf: (bytes: Uint8Array) => Seed['focus'] = () => undefined,
  mend?: Seed['mend'],
): Promise<Seed[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await repositoryFile(path);
      return { name: path.split('/').at(-1)!, bytes, focus: focusOf(bytes), mend };
    }),
  );
}

/** Any of the seeds with one to four changes. */
export function changedFiles(seeds: readonly Seed[]): fc.Arbitrary<ChangedFile> {
  return fc.record({ seed: fc.constantFrom(...seeds), mutations, mended: fc.boolean() });
}

/** The bytes of a changed file. */
export function bytesOf({ seed, mutations: changes, mended }: ChangedFile): Uint8Array<ArrayBuffer> {
  const changed = mutate(seed.bytes, changes, seed.focus);
  return mended && seed.mend ? seed.mend(changed, seed.bytes) : changed;
}

/** A changed file in a few words. */
export function describeFile({ seed, mutations: changes, mended }: ChangedFile): string {
  return `${seed.name}: ${changes.map(({ kind, at }) => `${kind} at ${at.toFixed(6)}`).join(', ')}${mended ? ', mended' : ''}`;
}
