import { describe, expect, it } from 'vitest';

import { backendCases, checkCase } from './check-backend.ts';

/** What {@link describeBackend} takes. */
export interface DescribeBackendOptions {
  /** What the tolerances are multiplied by, for devices that round; 1 by default. */
  readonly tolerance?: number | undefined;
  /** Called after each case, such as to throw what a device reported. */
  readonly afterCase?: (() => void) | undefined;
}

/** The suite as tests of the backend that is in use when they run. */
export function describeBackend(
  name: string,
  { tolerance: factor = 1, afterCase = () => {} }: DescribeBackendOptions = {},
): void {
  describe(`the suite of all backends on ${name}`, () => {
    it.each(backendCases.map((one) => [one.name, one] as const))('computes %s', async (_, one) => {
      const { error, tolerance, reason } = await checkCase(one);
      afterCase();
      expect(reason).toBeUndefined();
      expect(error).toBeLessThanOrEqual(factor * tolerance);
    });
  });
}
