import { describe, expect, it } from 'vitest';

import { result } from '../../fixtures/result.ts';
import { resultTable, timesYardstick } from './table.ts';

describe('timesYardstick', () => {
  it('compares medians with PyTorch in the same case, and says nothing where there is nobody to compare with', () => {
    const { measurements } = result;
    expect(measurements.map((one) => timesYardstick(one, measurements))).toEqual([undefined, 2, 1, undefined]);
  });
});

describe('resultTable', () => {
  const table = resultTable(result);

  it('says on what it was measured', () => {
    expect(table).toContain('A processor, 2 cores, 2 threads, linux 6 x64, load 0.3; commit 0123abc, 2026-01-02.');
  });

  it('gives kernels the speed of the direct algorithm', () => {
    expect(table).toContain(
      '| 3x3x3, 128 channels, 5x64x64 | od-vae simd, Node 20 | 200 ms | 100 ms | 90.0 GFLOP/s |  |  |',
    );
  });

  it("gives models the paper's columns", () => {
    expect(table).toContain(
      '| variant 4, encode 17x128x128 | 239.19M | 256 (4x8x8) | od-vae simd, Node 20 | 5.00 s | 4.00 s | 0.200 it/s | 2.00x | 1.00 GiB |',
    );
    expect(table).toContain('| PyTorch 2 | 10.00 s | 10.00 s | 0.100 it/s | 1.00x | 2.00 GiB |');
  });

  it('says what was not measured, and why', () => {
    expect(table).toContain('| tfjs wasm | it took more than 120 s |  |  |  |  |');
    expect(table).toContain('Not measured: onnxruntime-node: not found (to install: npm install).');
  });

  it('shows what a process held after many rounds', () => {
    expect(table).toContain('| 20 | 244 | 12 | 24 | 256.0 MiB |');
  });

  it('is whole rows of one width', () => {
    for (const block of table.split('\n\n').filter((part) => part.startsWith('|'))) {
      expect(new Set(block.split('\n').map((line) => line.split('|').length)).size).toBe(1);
    }
  });
});
