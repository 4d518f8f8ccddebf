import { mergeConfig } from 'vitest/config';

import shared from '../../vitest.shared.ts';

// A software GPU takes seconds to compile a program.
export default mergeConfig(shared, { test: { testTimeout: 300_000, hookTimeout: 120_000 } });
