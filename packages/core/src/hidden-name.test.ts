import { describe, expect, it } from 'vitest';

import { isHiddenName } from './hidden-name.ts';

describe('isHiddenName', () => {
  it.each(['._clip.mp4', '.DS_Store', '.git', 'Thumbs.db', 'desktop.ini'])('holds for %s', (name) => {
    expect(isHiddenName(name)).toBe(true);
  });

  it.each(['clip.mp4', 'thumbs.png', 'a.', '_a'])('does not hold for %s', (name) => {
    expect(isHiddenName(name)).toBe(false);
  });
});
