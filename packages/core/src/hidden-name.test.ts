import { describe, expect, it } from 'vitest';

import { isHiddenName, isSystemFile } from './hidden-name.ts';

describe('isHiddenName', () => {
  it.each(['._clip.mp4', '.DS_Store', '.git', 'Thumbs.db', 'desktop.ini', '__MACOSX'])('holds for %s', (name) => {
    expect(isHiddenName(name)).toBe(true);
  });

  it.each(['clip.mp4', 'thumbs.png', 'a.', '_a'])('does not hold for %s', (name) => {
    expect(isHiddenName(name)).toBe(false);
  });
});

describe('isSystemFile', () => {
  it.each(['._clip.mp4', '.DS_Store', 'Thumbs.db', 'desktop.ini'])('holds for %s', (name) => {
    expect(isSystemFile(name)).toBe(true);
  });

  it.each(['clip.mp4', '.git', '__MACOSX', '.hidden'])('does not hold for %s', (name) => {
    expect(isSystemFile(name)).toBe(false);
  });
});
