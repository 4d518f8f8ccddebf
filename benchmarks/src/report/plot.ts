import { type Spec, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

import type { BenchmarkResult } from './result.ts';
import { timesYardstick } from './table.ts';

/** Bars of one suite: how many times its yardstick's speed each contender has; an SVG, or undefined where nothing compares. */
export async function ratioPlot({ measurements }: BenchmarkResult, suite: string): Promise<string | undefined> {
  const values = measurements.flatMap((one) => {
    const ratio = one.suite === suite ? timesYardstick(one, measurements) : undefined;
    return ratio === undefined ? [] : [{ case: one.title, contender: one.version, ratio }];
  });
  if (values.length === 0) return undefined;
  const spec: TopLevelSpec = {
    data: { values },
    width: 520,
    height: { step: 14 },
    mark: 'bar',
    encoding: {
      y: { field: 'case', type: 'nominal', sort: null, title: null, axis: { labelLimit: 320 } },
      yOffset: { field: 'contender', sort: null },
      x: { field: 'ratio', type: 'quantitative', title: 'speed, PyTorch (or the first peer) = 1' },
      color: {
        field: 'contender',
        type: 'nominal',
        sort: null,
        title: null,
        legend: { orient: 'bottom', columns: 2, labelLimit: 320 },
      },
    },
    config: { background: 'white' },
  };
  const view = new View(parse(compile(spec).spec as Spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
