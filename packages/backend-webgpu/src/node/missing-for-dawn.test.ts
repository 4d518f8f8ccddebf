import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { missingForDawn } from './missing-for-dawn.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vulkan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const missing = (environment: Record<string, string> = {}) =>
  missingForDawn('linux', environment, { libraries: [folder], drivers: [folder] });

describe('missingForDawn', () => {
  it('names the loader, then the driver, then what is wrong with it', () => {
    expect(missing()).toBe('the Vulkan loader is missing (on Debian and Ubuntu: apt-get install libvulkan1)');
    writeFileSync(join(folder, 'libvulkan.so.1'), '');
    const none = join(folder, 'none');
    expect(missingForDawn('linux', {}, { libraries: [folder], drivers: [none] })).toContain(
      'there is no Vulkan driver',
    );
    expect(missing({ VK_ICD_FILENAMES: none })).toBe(`VK_ICD_FILENAMES names ${none}, which is not there`);
    const driver = join(folder, 'old_icd.json');
    writeFileSync(driver, '{}');
    expect(missing({ VK_DRIVER_FILES: driver })).toBe(
      `Dawn cannot use the Vulkan driver that VK_DRIVER_FILES names, ${driver}`,
    );
    expect(missing()).toContain('old_icd.json: they are too old or have no GPU');
  });

  it('knows of no loader elsewhere', () => {
    expect(missingForDawn('darwin', {})).toBe('install the driver of the maker of the GPU');
  });
});
