import { MediaError } from '@od-vae/core/base';
import { isLive } from './live-source.ts';
import { hasNode } from './runtime.ts';
import type { VideoSource } from './types.ts';

/** What messages call a source. */
export function sourceName(source: VideoSource): string {
  if (isLive(source)) {
    return 'a stream';
  }
  if (source instanceof Uint8Array) {
    return `a buffer of ${source.length} bytes`;
  }
  if (source instanceof Blob) {
    return source instanceof File && source.name ? `"${source.name}"` : `a blob of ${source.size} bytes`;
  }
  const text = String(source);
  return `"${text.length > 200 ? `${text.slice(0, 200)}…` : text}"`;
}

/** The path of a source on this machine's disk; undefined for addresses and bytes. */
export function localPath(source: VideoSource): string | undefined {
  if (isLive(source) || source instanceof Uint8Array || source instanceof Blob) {
    return undefined;
  }
  const text = String(source);
  if (/^file:/i.test(text)) {
    return pathOfFileUrl(text);
  }
  if (/^(https?|blob|data):/i.test(text)) {
    return undefined;
  }
  if (source instanceof URL) {
    throw new MediaError(
      `openVideo: an address must be file:, http:, https:, blob: or data:, but is ${source.protocol}.`,
    );
  }
  return hasNode() ? text : undefined;
}

function pathOfFileUrl(text: string): string {
  if (!hasNode()) {
    throw new MediaError(`openVideo: a browser cannot open ${text}; pass the file itself (a File or Blob).`);
  }
  return process.getBuiltinModule('node:url').fileURLToPath(text);
}

/** The extension of a path or address in lower case, without its dot; empty where there is none. */
export function extensionOf(text: string): string {
  const path = /^[a-z]{2,}:/i.test(text) ? text.replace(/[?#].*$/s, '') : text;
  return /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}
