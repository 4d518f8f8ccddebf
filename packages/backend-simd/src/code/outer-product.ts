import { addInteger, type CompiledFunction, FunctionCode, get } from '../wasm/function-code.ts';
import { add, type Level, load, loadSplat, multiplyAdd, splat } from '../wasm/vectors.ts';

/** Channels of the left side that `outerProducts` takes at once: one vector. */
export const OUTER_ROWS = 4;

/**
 * Writes `outerProducts(x, xRow, xPixel, xBlock, dy, rows, columns, blocks, output, outputStep, outputBlock)`: adds to a
 * block `[4, panel columns]` of the output the products of four numbers at each pixel of `x` with a line of a panel at each
 * pixel of `dy`, summed over an image of so many rows and columns; then the same for the next block of `x` and output. The
 * pixels of `dy` follow one another; those of `x` lie `xPixel` and `xRow` bytes apart, `outputStep` bytes are from one row
 * of a block to the next. The sums stay in registers over the image.
 */
export function outerProducts(level: Level, panelColumns: number): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [x, xRow, xPixel, xBlock, dy] = [parameter(), parameter(), parameter(), parameter(), parameter()];
  const [rows, columns, blocks] = [parameter(), parameter(), parameter()];
  const [output, outputStep, outputBlock] = [parameter(), parameter(), parameter()];
  const local = () => code.local('i32');
  const [line, pixel, lines, rest, gradient, row] = [local(), local(), local(), local(), local(), local()];
  const vectors = [...Array(panelColumns / 4).keys()];
  const sums = Array.from({ length: OUTER_ROWS }, () => vectors.map(() => code.local('v128')));
  const values = vectors.map(() => code.local('v128'));
  const element = code.local('v128');

  code.countdown(blocks, 1, () => {
    for (const sum of sums.flat()) code.set(sum, splat(0));
    code.set(line, get(x));
    code.set(gradient, get(dy));
    code.set(lines, get(rows));
    code.countdown(lines, 1, () => {
      code.set(pixel, get(line));
      code.set(rest, get(columns));
      code.countdown(rest, 1, () => {
        values.forEach((vector, index) => code.set(vector, load(gradient, index * 16)));
        sums.forEach((sumsOfRow, index) => {
          code.set(element, loadSplat(pixel, index * 4));
          sumsOfRow.forEach((sum, j) => code.set(sum, multiplyAdd(level, get(element), get(values[j]!), get(sum))));
        });
        code.set(pixel, addInteger(get(pixel), get(xPixel)));
        code.advance(gradient, panelColumns * 4);
      });
      code.set(line, addInteger(get(line), get(xRow)));
    });
    code.set(row, get(output));
    for (const sumsOfRow of sums) {
      sumsOfRow.forEach((sum, index) => code.set(sum, add(load(row, index * 16), get(sum))));
      sumsOfRow.forEach((sum, index) => code.store(row, get(sum), index * 16));
      code.advance(row, get(outputStep));
    }
    code.advance(x, get(xBlock));
    code.advance(output, get(outputBlock));
  });
  return code.finish('outerProducts');
}

/**
 * Writes `regroup(source, step, pixels, vectors, target)`: copies so many vectors of each pixel, which lie `step` bytes
 * apart, to places that follow one another.
 */
export function regroup(): CompiledFunction {
  const code = new FunctionCode();
  const parameter = () => code.parameter('i32');
  const [source, step, pixels, vectors, target] = [parameter(), parameter(), parameter(), parameter(), parameter()];
  const [from, rest] = [code.local('i32'), code.local('i32')];
  code.countdown(pixels, 1, () => {
    code.set(from, get(source));
    code.set(rest, get(vectors));
    code.countdown(rest, 1, () => {
      code.store(target, load(from));
      code.advance(from, 16);
      code.advance(target, 16);
    });
    code.set(source, addInteger(get(source), get(step)));
  });
  return code.finish('regroup');
}
