// Lets bundlers include the WebGPU backend: `import 'od-vae/webgpu'`. Its code is loaded when the backend is started.
import { setBrowserImport } from './optional-backends.ts';

setBrowserImport(() => import('@od-vae/backend-webgpu'));
