/** An environment variable; undefined where it is empty or there is no environment, as in a page. */
export function environment(name: string): string | undefined {
  return typeof process === 'undefined' ? undefined : process.env?.[name] || undefined;
}
