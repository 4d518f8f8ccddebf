import { describe, expect, it } from 'vitest';
import { extensionOf, localPath, sourceName } from './source-name.ts';

describe('localPath', () => {
  it.each([
    ['a/b.mp4', 'a/b.mp4'],
    ['file:///a/b%20c.mp4', '/a/b c.mp4'],
    ['https://example.org/a.mp4', undefined],
    ['data:video/mp4;base64,AA', undefined],
    [new URL('file:///a.mp4'), '/a.mp4'],
    [new Uint8Array(2), undefined],
  ])('of %s is %s', (source, expected) => {
    expect(localPath(source)).toBe(expected);
  });

  it('refuses an address of another kind', () => {
    expect(() => localPath(new URL('ftp://example.org/a.mp4'))).toThrow('but is ftp:');
  });
});

describe('extensionOf', () => {
  it.each([
    ['a.b/c.MP4', 'mp4'],
    ['a.b/c', ''],
    ['https://example.org/a.gif?size=2', 'gif'],
    ['what?.y4m', 'y4m'],
  ])('of %s is "%s"', (text, expected) => {
    expect(extensionOf(text)).toBe(expected);
  });
});

describe('sourceName', () => {
  it('is the path, the name of a file, or the size of bytes', () => {
    expect(sourceName('a.mp4')).toBe('"a.mp4"');
    expect(sourceName(new Uint8Array(3))).toBe('a buffer of 3 bytes');
    expect(sourceName(new Blob(['ab']))).toBe('a blob of 2 bytes');
  });
});
