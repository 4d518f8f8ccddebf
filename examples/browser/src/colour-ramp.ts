/** From low to high: dark and bluish, through teal, to a light yellow; lightness grows evenly. */
const STOPS = [
  [18, 28, 44],
  [20, 76, 100],
  [38, 136, 132],
  [132, 190, 132],
  [250, 240, 190],
] as const;

/** The colour of a value from 0 to 1, as red, green and blue. */
export function rampColour(value: number): readonly [number, number, number] {
  const at = Math.min(1, Math.max(0, value)) * (STOPS.length - 1);
  const index = Math.min(STOPS.length - 2, Math.floor(at));
  const [from, to] = [STOPS[index]!, STOPS[index + 1]!];
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * (at - index));
  return [mix(0), mix(1), mix(2)];
}
