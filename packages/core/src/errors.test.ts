import { describe, expect, it } from 'vitest';

import { BackendError, CheckpointError, ConfigError, MediaError, OdVaeError, ShapeError } from './errors.ts';

describe.each([
  [ShapeError, 'ShapeError', 'shape'],
  [ConfigError, 'ConfigError', 'config'],
  [CheckpointError, 'CheckpointError', 'checkpoint'],
  [MediaError, 'MediaError', 'media'],
  [BackendError, 'BackendError', 'backend'],
] as const)('%o', (Kind, name, code) => {
  it('is an OdVaeError with its own name, a stable code, its sentence and its cause', () => {
    const cause = new Error('below');
    const error = new Kind('a sentence', { cause });
    expect(error).toBeInstanceOf(OdVaeError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, message: 'a sentence', cause });
    expect(String(error)).toBe(`${name}: a sentence`);
  });
});

it('keeps the name of an error where a minifier renames its class', () => {
  class A extends ShapeError {}
  class B extends OdVaeError {}
  expect(new A('a sentence').name).toBe('ShapeError');
  expect(new B('code', 'a sentence').name).toBe('OdVaeError');
});
