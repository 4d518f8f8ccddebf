/** First V8 that knows the flag of its revectorizer; earlier ones complain on stderr. */
const REVECTORIZER_SINCE = 12;

/**
 * Sets flags of V8 while the program runs, before the code that they concern is compiled; does nothing elsewhere.
 *
 * @returns whether this engine is V8 with flags that can be set.
 */
function setFlags(...flags: string[]): boolean {
  if (typeof process === 'undefined' || !process.versions?.v8 || !process.getBuiltinModule) return false;
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
  return true;
}

/** Lets Node 20 accept relaxed SIMD, which later engines do by themselves. */
export function allowRelaxedSimd(): void {
  setFlags('--experimental-wasm-relaxed-simd');
}

/** Makes the engine join neighbouring 128-bit operations to 256-bit ones; gives whether it can be asked to. */
export function allowRevectorizing(): boolean {
  if (typeof process === 'undefined' || Number.parseInt(process.versions?.v8 ?? '', 10) < REVECTORIZER_SINCE)
    return false;
  return setFlags('--experimental-wasm-revectorize');
}

/** Compiles what `compile` compiles at once with all optimizations: a kernel runs at full speed from its first call. */
export function optimizedAtOnce<T>(compile: () => T): T {
  if (!setFlags('--no-liftoff', '--no-wasm-lazy-compilation')) return compile();
  try {
    return compile();
  } finally {
    setFlags('--liftoff', '--wasm-lazy-compilation');
  }
}

let collect: (() => void) | undefined;

/** Frees unreachable memory now, in Node; elsewhere that is the engine's own business. */
export function collectGarbage(): void {
  if (!collect) {
    if (!setFlags('--expose-gc')) return;
    collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void;
    setFlags('--no-expose-gc');
  }
  collect();
}
