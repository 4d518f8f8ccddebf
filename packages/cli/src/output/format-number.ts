/** `239189991` as `239,189,991`. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** A size in the unit that reads best: `9.4 MB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** A measured number with `digits` behind the point; undefined stays undefined. */
export function fixed(value: number | undefined, digits: number, unit = ''): string | undefined {
  return value === undefined ? undefined : `${value.toFixed(digits)}${unit && ` ${unit}`}`;
}

/** A number of things, such as `1 frame` or `2 frames`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
