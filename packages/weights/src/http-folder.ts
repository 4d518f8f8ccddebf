import type { Folder } from './folder.ts';
import { type HttpOptions, httpSource } from './http-source.ts';

/** A folder on a web server; `base` ends with a slash. */
export function httpFolder(base: string, options: HttpOptions): Folder {
  return {
    label: base,
    list: async () => undefined,
    open: (name) => httpSource(new URL(encodeURIComponent(name), base).href, options),
  };
}
