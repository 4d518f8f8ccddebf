import { hasNode } from '@od-vae/core/base';

/** A backend of a package that need not be installed. */
export interface OptionalBackend {
  /** The package that registers it when it is imported. */
  readonly package: string;
  /** Whether trying it may be worth the while, as far as can be known without a driver that prints what it thinks. */
  isLikely(): boolean;
  /** Imports the package. */
  load(): Promise<unknown>;
  /** Says why the backend of a package that is there does not start, where the package can. */
  explain?(): Promise<string | undefined>;
}

/** Backends that come in packages of their own, by their names. */
export const OPTIONAL_BACKENDS: Readonly<Record<string, OptionalBackend>> = {
  webgpu: {
    package: '@od-vae/backend-webgpu',
    isLikely: () => !hasNode() || mayHaveGpu(),
    load: loadWebgpu,
    explain: async () => (await (await loadWebgpu()).diagnose()).advice,
  },
  tensorflow: {
    package: '@od-vae/backend-node',
    isLikely: hasNode,
    load: async () => {
      if (!hasNode()) throw new Error('TensorFlow runs in Node, not in browsers');
      await importInstalled('@od-vae/backend-node');
    },
  },
};

/** What both entries of the package have. */
interface WebgpuPackage {
  diagnose(): Promise<{ readonly advice: string | undefined }>;
}

/** Imports the package in a browser. Without `od-vae/webgpu` bundlers do not include it, and an import map must name it. */
let importInBrowser: () => Promise<unknown> = () => importInstalled('@od-vae/backend-webgpu');

/** Sets how the package is imported in a browser. */
export function setBrowserImport(load: () => Promise<unknown>): void {
  importInBrowser = load;
}

async function loadWebgpu(): Promise<WebgpuPackage> {
  const load = hasNode() ? () => importInstalled('@od-vae/backend-webgpu/node') : importInBrowser;
  return (await load()) as WebgpuPackage;
}

/** Whether an import failed because the package itself is not there, and not because of something that it needs. */
export function isAbsent(packageName: string, error: unknown): boolean {
  const { message = '' } = error as { message?: string };
  return /^(cannot find|could not resolve|failed to (resolve|load))/i.test(message) && message.includes(packageName);
}

/** Imports a package that may be missing, so bundlers must not resolve it. */
function importInstalled(specifier: string): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ specifier);
}

/** Files of Linux's drivers for GPUs: any with a display driver, NVIDIA's, and those that Windows lends to Linux. */
const GPU_DEVICES = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'];

/** Variables of Linux's Vulkan that name a driver, which may be one without a GPU. */
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'];

function mayHaveGpu(): boolean {
  if (process.platform !== 'linux' || DRIVER_VARIABLES.some((name) => process.env[name])) return true;
  const { existsSync } = process.getBuiltinModule('node:fs');
  return GPU_DEVICES.some((path) => existsSync(path));
}
