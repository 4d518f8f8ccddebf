import { describe, expect, it } from 'vitest';

import * as withoutNode from './files-without-node.ts';
import * as files from './files.ts';

describe('@od-vae/core/files outside Node', () => {
  it('exports the same functions, which throw an error that names them', () => {
    expect(Object.keys(withoutNode).toSorted()).toEqual(Object.keys(files).toSorted());
    for (const [name, call] of Object.entries(withoutNode)) {
      expect(call as () => void).toThrow(`${name}: writing files needs Node, but this build is for browsers.`);
    }
  });
});
