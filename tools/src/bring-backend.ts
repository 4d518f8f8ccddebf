/** What registers the backends that do not come with od-vae. */
const PACKAGES: Readonly<Record<string, () => Promise<unknown>>> = {
  tensorflow: () => import('@od-vae/backend-node'),
  webgpu: () => import('@od-vae/backend-webgpu/node'),
};

/**
 * Registers a backend that has a package of its own; of others there is nothing to do.
 *
 * @throws BackendError when what the package needs is not on this machine.
 */
export async function bringBackend(name: string): Promise<void> {
  await PACKAGES[name]?.();
}
