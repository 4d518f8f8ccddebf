import { useLeakGuard } from '@od-vae/test-utils';
import { it } from 'vitest';

import { expectGradients } from '../fixtures/autoencoder.ts';
import { describeWebgpu } from '../fixtures/webgpu.ts';

describeWebgpu('the gradients of an autoencoder', () => {
  useLeakGuard();

  it('are those of the stock ops for every weight', () => expectGradients(1e-4));
});
