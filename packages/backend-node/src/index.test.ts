import { describeBackend } from '@od-vae/kernel-suite/vitest';
import { useLeakGuard } from '@od-vae/test-utils';

import { describeTensorflow } from '../fixtures/tensorflow.ts';

describeTensorflow('the backend tensorflow', () => {
  useLeakGuard();

  describeBackend('tensorflow');
});
