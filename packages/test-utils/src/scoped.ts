import { tidy } from '@tensorflow/tfjs-core';

/** A synchronous test body that frees every tensor it makes, whatever it returns. */
export function scoped(body: () => void): () => void {
  return () => {
    tidy(() => {
      body();
    });
  };
}
