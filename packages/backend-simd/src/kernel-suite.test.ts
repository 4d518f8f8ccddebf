import { describeBackend } from '@od-vae/kernel-suite/vitest';
import { useLeakGuard } from '@od-vae/test-utils';
import { backend, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll } from 'vitest';

import './index.ts';
import type { SimdBackend } from './simd-backend.ts';

beforeAll(async () => {
  await setBackend('simd');
  await ready();
});
afterAll(() => (backend() as SimdBackend).pool.close());
useLeakGuard();

describeBackend('simd', { tolerance: 3 });
