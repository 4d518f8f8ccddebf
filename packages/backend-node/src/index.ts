import { registerTensorflow } from './register.ts';

export type { TensorflowBackend } from './native/tensorflow-backend.ts';

await registerTensorflow();
