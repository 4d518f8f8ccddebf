import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the system keeps libraries and descriptions of Vulkan drivers; other places in tests. */
export interface VulkanFolders {
  readonly libraries: readonly string[];
  readonly drivers: readonly string[];
}

const SYSTEM: VulkanFolders = {
  libraries: ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib'],
  drivers: ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'],
};

/** A driver that needs no GPU: it comes with Debian's Chromium. */
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** What is missing for Dawn on a machine where it finds no GPU, and how to get it, as the end of a sentence. */
export function missingForDawn(
  platform: string,
  environment: Readonly<Record<string, string | undefined>>,
  folders: VulkanFolders = SYSTEM,
): string {
  if (platform !== 'linux') return 'install the driver of the maker of the GPU';
  const libraries = [...(environment['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean), ...folders.libraries];
  if (!libraries.some((folder) => existsSync(join(folder, 'libvulkan.so.1')))) {
    return 'the Vulkan loader is missing (on Debian and Ubuntu: apt-get install libvulkan1)';
  }
  const variable = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => environment[name]);
  if (variable) {
    const lost = environment[variable]!.split(':').filter((path) => !existsSync(path));
    return lost.length > 0
      ? `${variable} names ${lost.join(', ')}, which is not there`
      : `Dawn cannot use the Vulkan driver that ${variable} names, ${environment[variable]}`;
  }
  const drivers = folders.drivers.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder));
  const state =
    drivers.length === 0
      ? 'there is no Vulkan driver: install that of the maker of the GPU'
      : `Dawn can use none of the Vulkan drivers ${drivers.join(', ')}: they are too old or have no GPU`;
  return existsSync(SOFTWARE_DRIVER)
    ? `${state}; VK_ICD_FILENAMES=${SOFTWARE_DRIVER} computes without one, slowly`
    : state;
}
