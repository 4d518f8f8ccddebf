import { MediaError, OdVaeError } from '@od-vae/core/base';

/** Says in one sentence why a file could not be written. */
export function targetError(name: string, cause: unknown): OdVaeError {
  if (cause instanceof OdVaeError) {
    return cause;
  }
  return new MediaError(`createVideoWriter: ${name} could not be written: ${reasonOf(cause)}.`, { cause });
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  switch (code) {
    case 'ENOSPC':
      return 'no space is left on the disk';
    case 'EDQUOT':
      return "the user's disk quota is used up";
    case 'EFBIG':
      return 'the file would be larger than the system allows';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'its folder does not exist';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'this user may not write there';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return String(message ?? cause).replace(/\.$/, '');
  }
}
