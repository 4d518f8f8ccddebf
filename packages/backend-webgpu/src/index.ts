import { diagnoseGpus, type WebgpuReport } from './diagnose.ts';
import { browserGpus } from './gpu-place.ts';
import { registerWebgpu } from './register.ts';

export type { WebgpuReport } from './diagnose.ts';
export { WebgpuBackend } from './webgpu-backend.ts';

/** Whether the browser has a GPU for the backend, and what is missing where it has not. Never throws. */
export function diagnose(): Promise<WebgpuReport> {
  return diagnoseGpus(browserGpus);
}

registerWebgpu();
