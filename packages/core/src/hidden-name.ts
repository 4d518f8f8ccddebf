/** Files that macOS and Windows add to folders by themselves. */
const SYSTEM_FILE = /^(?:\._.*|\.ds_store|thumbs\.db|ehthumbs\.db|desktop\.ini)$/is;

/** Whether a file of this name, without its path, was added by the operating system, such as `._clip.mp4` or `.DS_Store`. */
export function isSystemFile(name: string): boolean {
  return SYSTEM_FILE.test(name);
}

/** Whether a file or folder of this name, without its path, is hidden or was added by the operating system. */
export function isHiddenName(name: string): boolean {
  return name.startsWith('.') || name.toLowerCase() === '__macosx' || isSystemFile(name);
}
