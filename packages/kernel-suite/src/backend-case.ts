import type { Values } from './values.ts';

/** Something that every backend computes alike. */
export interface BackendCase {
  /** What is computed: an op's name and what is special about the inputs. */
  readonly name: string;
  /** The op whose own kernels, if the backend has them, compute it; none for a whole model. */
  readonly op: string | undefined;
  /** Largest error allowed, as a part of the largest number of a tensor. */
  readonly tolerance: number;
  /** Computes it on the backend in use; leaves no tensor behind. */
  run(): Promise<Values[]>;
}
