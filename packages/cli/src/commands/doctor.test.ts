import { describe, expect, it } from 'vitest';

import { parseReport, runChild } from '../../fixtures/command.ts';
import { isSupported } from '../doctor/examine-machine.ts';

describe('od-vae doctor', () => {
  it('tells what the machine has, and times the backends that start', async () => {
    const outcome = await runChild(['doctor', '--json']);
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 0, stderr: '' });
    const report = parseReport(outcome);
    expect(report).toMatchObject({ node: process.versions.node, nodeSupported: true, threads: expect.any(Number) });
    const backends = new Map((report['backends'] as { name: string }[]).map((backend) => [backend.name, backend]));
    for (const name of ['wasm', 'cpu']) {
      expect(backends.get(name)).toMatchObject({
        starts: true,
        seconds: expect.any(Number),
        reason: null,
        missing: [],
      });
    }
    expect(backends.get('tensorflow')).toMatchObject({
      starts: false,
      reason: 'not installed',
      missing: ['npm install @od-vae/backend-node @tensorflow/tfjs-node'],
    });
    const works = { decodes: true, encodes: true, reason: null };
    expect(report['engines']).toContainEqual({ engine: 'mediabunny', ...works });
    expect(report['codecs']).toMatchObject({ runtime: 'node', encode: expect.any(Array) });
  });
});

describe('isSupported', () => {
  it.each([
    ['20.19.0', true],
    ['22.0.1', true],
    ['20.18.3', false],
    ['18.20.4', false],
  ])('says of Node %s: %s', (node, expected) => {
    expect(isSupported(node)).toBe(expected);
  });
});
