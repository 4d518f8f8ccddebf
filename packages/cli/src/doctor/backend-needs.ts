/** What a backend of a package of its own needs on this machine. */
interface BackendNeeds {
  /** What installs it with npm. */
  readonly install: string;
  /** What the machine needs. */
  readonly machine?: string;
}

/** Backends that do not come with od-vae: what `doctor` says that each needs. */
const NEEDS: Readonly<Record<string, BackendNeeds>> = {
  webgpu: {
    install: 'npm install @od-vae/backend-webgpu webgpu',
    machine: 'a GPU with its driver, or a Vulkan driver that VK_DRIVER_FILES names',
  },
  tensorflow: { install: 'npm install @od-vae/backend-node @tensorflow/tfjs-node' },
};

/** What a backend lacks: its package, or what the machine needs; nothing where only the backend itself can tell. */
export function missingFor(backend: string, lacking: 'package' | 'machine'): readonly string[] {
  const line = lacking === 'package' ? NEEDS[backend]?.install : NEEDS[backend]?.machine;
  return line === undefined ? [] : [line];
}
