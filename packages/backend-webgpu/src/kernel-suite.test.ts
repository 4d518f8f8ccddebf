import { describeBackend } from '@od-vae/kernel-suite/vitest';

import { describeWebgpu } from '../fixtures/webgpu.ts';

describeWebgpu('webgpu', () => describeBackend('webgpu'));
