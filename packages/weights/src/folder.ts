import type { ByteSource } from './byte-source.ts';

/** Files that lie beside each other, on disk, on a server or in a repository. */
export interface Folder {
  readonly label: string;
  /** Names of the files that are not hidden, or undefined where nobody can list them, as on a web server. */
  list(): Promise<readonly string[] | undefined>;
  /** One file by its name, or undefined when there is none. */
  open(name: string): Promise<ByteSource | undefined>;
}
