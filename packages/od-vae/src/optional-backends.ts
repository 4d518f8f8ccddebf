/** A backend of a package that need not be installed. */
export interface OptionalBackend {
  /** The package that registers it when it is imported. */
  readonly package: string;
  /** Imports the package. */
  load(): Promise<unknown>;
}

/** Backends that come in packages of their own, by their names. */
export const OPTIONAL_BACKENDS: Readonly<Record<string, OptionalBackend>> = {
  webgpu: {
    package: '@od-vae/backend-webgpu',
    load: () => importInstalled(hasNode() ? '@od-vae/backend-webgpu/node' : '@od-vae/backend-webgpu'),
  },
  tensorflow: {
    package: '@od-vae/backend-node',
    load: async () => {
      if (!hasNode()) throw new Error('TensorFlow runs in Node, not in browsers');
      await importInstalled('@od-vae/backend-node');
    },
  },
};

/** Whether an import failed because the package itself is not there, and not because of something that it needs. */
export function isAbsent(packageName: string, error: unknown): boolean {
  const { message = '' } = error as { message?: string };
  return /^(cannot find|could not resolve|failed to (resolve|load))/i.test(message) && message.includes(packageName);
}

/** Imports what bundlers must not follow, because it may not be there; a page that wants it imports it before. */
function importInstalled(specifier: string): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ specifier);
}

function hasNode(): boolean {
  return typeof process !== 'undefined' && Boolean(process.versions?.node);
}
