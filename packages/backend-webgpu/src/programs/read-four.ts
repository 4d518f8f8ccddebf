/** `name4(start, token, slot)`: four channels of a token, zeros beyond the last of either; in 32 bits, however they are stored. */
export function readFour(name: string, full: boolean): string {
  const read = full
    ? `return vec4<f32>(${name}[(start + token) * sizes.slots + slot]);`
    : `var four = vec4<f32>();
  for (var i = 0; i < min(4, sizes.channels - 4 * slot); i++) {
    four[i] = ${name}[(start + token) * sizes.channels + 4 * slot + i];
  }
  return four;`;
  return `fn ${name}4(start: i32, token: i32, slot: i32) -> vec4<f32> {
  if (token >= sizes.tokens || slot >= sizes.slots) { return vec4<f32>(); }
  ${read}
}`;
}
