import { mergeConfig } from 'vitest/config';

import shared from '../../vitest.shared.ts';

/** Plain Node cannot import TensorFlow.js's own gradients (imports without extensions inside), so vitest transforms them. */
export default mergeConfig(shared, { test: { isolate: false, server: { deps: { inline: [/@tensorflow\/tfjs/] } } } });
