import { afterEach, expect, it, vi } from 'vitest';

import { environment } from './environment.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

it('gives a variable, and nothing where it is empty or unset', () => {
  vi.stubEnv('OD_VAE_SOMETHING', 'here');
  vi.stubEnv('OD_VAE_EMPTY', '');
  expect(['OD_VAE_SOMETHING', 'OD_VAE_EMPTY', 'OD_VAE_UNSET'].map(environment)).toEqual(['here', undefined, undefined]);
});

it('gives nothing where there is no process', () => {
  vi.stubGlobal('process', undefined);
  expect(environment('PATH')).toBeUndefined();
});
