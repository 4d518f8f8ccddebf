import { registerSimd } from './register.ts';

export { SimdBackend, type SimdBackendOptions } from './simd-backend.ts';
export type { Level } from './wasm/vectors.ts';

registerSimd();
