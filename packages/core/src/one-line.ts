const MAX_LENGTH = 800;

/** Breaks of lines, and characters that a terminal takes for orders or that turn its text around. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** A text as one line that is safe to print: nothing unprintable, and its middle left out beyond 800 characters. */
export function oneLine(text: string): string {
  const line = text.replaceAll(UNPRINTABLE, ' ');
  if (line.length <= MAX_LENGTH) return line;
  const half = MAX_LENGTH / 2 - 2;
  return `${line.slice(0, half)} … ${line.slice(-half)}`;
}
