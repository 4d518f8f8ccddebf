import { registerWebgpu } from './register.ts';

export { registerWebgpu };
export { WebgpuBackend } from './webgpu-backend.ts';

registerWebgpu();
