import { createRequire } from 'node:module';

import { describe, expect, it } from 'vitest';

import { loadMediaServer } from './media-server.ts';
import { bindServer, importServer, sharesMediabunny } from './server-module.ts';

describe('loadMediaServer', () => {
  it('registers the codecs of a server that shares this copy of mediabunny', async () => {
    expect(await loadMediaServer()).toEqual({ loaded: true });
    expect(sharesMediabunny(await importServer())).toBe(true);
  });
});

describe('bindServer', () => {
  it('runs the CommonJS build, which loads another copy, with this copy of mediabunny', async () => {
    const require = createRequire(import.meta.url);
    const other = require('@mediabunny/server') as Parameters<typeof sharesMediabunny>[0];
    expect(sharesMediabunny(other)).toBe(false);
    const bound = await bindServer(require.resolve('@mediabunny/server'));
    expect(sharesMediabunny(bound)).toBe(true);
  });
});
