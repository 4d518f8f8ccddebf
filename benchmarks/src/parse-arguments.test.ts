import { ConfigError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { HELP, parseArguments, SUITES } from './parse-arguments.ts';

describe('parseArguments', () => {
  it('measures kernels, variant 4 and a step on two threads unless it is told otherwise', () => {
    expect(parseArguments([], 'node')).toMatchObject({
      suites: ['kernels', 'model', 'step'],
      size: [17, 128, 128],
      variants: [4],
      threads: 2,
      nodes: ['node'],
      json: undefined,
    });
  });

  it('takes lists in any order and gives them in its own', () => {
    const { suites, variants, contenders } = parseArguments([
      '--suite',
      'leaks, model',
      '--variants',
      '4,1',
      '--contenders',
      'wasm,simd',
    ]);
    expect({ suites, variants, contenders }).toEqual({
      suites: ['model', 'leaks'],
      variants: [1, 4],
      contenders: ['simd', 'wasm'],
    });
  });

  it('runs our contender on several Nodes', () => {
    expect(parseArguments(['--node', '/a', '--node', '/b'], 'node').nodes).toEqual(['node', '/a', '/b']);
  });

  it.each([
    [['--suite', 'kernel'], '--suite takes kernels, model, step, browser, webgpu, leaks, but got "kernel".'],
    [['--variants', '5'], '--variants takes 1, 2, 3, 4, but got "5".'],
    [['--size', '16x128x128'], '--size must be 4n + 1 frames'],
    [['--size', '17x100x128'], 'multiples of 8'],
    [['--rounds', '0'], '--rounds must be a whole number from 1 on, but is "0".'],
    [['--threads', 'two'], '--threads must be'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(ConfigError);
    expect(() => parseArguments(argv)).toThrow(message);
  });

  it('refuses what it does not know', () => {
    expect(() => parseArguments(['--fast'])).toThrow("Unknown option '--fast'");
  });

  it('explains every suite', () => {
    for (const suite of SUITES) expect(HELP).toContain(suite);
  });
});
