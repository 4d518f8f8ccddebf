/** Names that Windows and macOS add to folders and archives; the others of macOS (`._*`, `.DS_Store`) begin with a dot. */
const SYSTEM_NAMES = /^(?:__macosx|thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;

/** Whether a file or folder of this name, without its path, is hidden or belongs to the operating system. */
export function isHiddenName(name: string): boolean {
  return name.startsWith('.') || SYSTEM_NAMES.test(name);
}
