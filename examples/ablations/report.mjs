// Curves as SVG, and a table in Markdown with one sentence on whether the paper's order held.
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

import { PAPER_ORDER } from './arms.mjs';

const TITLES = { psnr: 'PSNR, dB', lpips: 'LPIPS' };

/** A curve for each arm: the mean over its seeds, and a band from the least to the most. */
export async function curves(points, metric) {
  const x = { field: 'step', type: 'quantitative', title: 'step' };
  const y = (aggregate) => ({
    field: metric,
    aggregate,
    type: 'quantitative',
    title: TITLES[metric],
    scale: { zero: false },
  });
  const color = { field: 'name', type: 'nominal', sort: null, title: null };
  const spec = {
    data: { values: points },
    width: 520,
    height: 280,
    layer: [
      {
        mark: { type: 'area', opacity: 0.15 },
        encoding: { x, y: y('min'), y2: { field: metric, aggregate: 'max' }, color },
      },
      { mark: { type: 'line', point: true }, encoding: { x, y: y('mean'), color } },
    ],
    config: { background: 'white' },
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** The last point of each arm, over its seeds, and what it says about the paper's order. */
export function table(points, ablation) {
  const last = Math.max(...points.map(({ step }) => step));
  const names = [...new Set(points.map(({ name }) => name))];
  const rows = names.map((name) => ({
    name,
    ...summary(points.filter((one) => one.name === name && one.step === last)),
  }));
  const lines = rows.map(
    ({ name, seeds, psnr, lpips }) => `| ${name} | ${seeds} | ${text(psnr, 2)} | ${text(lpips, 4)} |`,
  );
  return [
    `| ${ablation} | seeds | PSNR, dB | LPIPS |`,
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    sentence(rows, ablation, last),
    '',
  ].join('\n');
}

function summary(points) {
  const of = (key) => {
    const values = points.map((point) => point[key]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, spread: (Math.max(...values) - Math.min(...values)) / 2 };
  };
  return { seeds: points.length, psnr: of('psnr'), lpips: of('lpips') };
}

function text({ mean, spread }, digits) {
  return spread > 0 ? `${mean.toFixed(digits)} ± ${spread.toFixed(digits)}` : mean.toFixed(digits);
}

function sentence(rows, ablation, steps) {
  const arm = (name) => rows.find((row) => row.name === name);
  const verdicts = PAPER_ORDER[ablation].flatMap(([better, worse]) =>
    ['psnr', 'lpips'].map(
      (metric) => `${better} before ${worse} in ${metric.toUpperCase()}: ${verdict(arm(better), arm(worse), metric)}`,
    ),
  );
  return `After ${steps} steps the paper's order: ${verdicts.join('; ')}.`;
}

/** A difference counts where it is larger than the spread of the seeds; one seed has none, and tells nothing. */
function verdict(better, worse, metric) {
  if (better.seeds === 1 || worse.seeds === 1) return 'one seed does not tell';
  const [a, b] = [better[metric], worse[metric]];
  const lead = metric === 'psnr' ? a.mean - b.mean : b.mean - a.mean;
  if (Math.abs(lead) <= a.spread + b.spread) return 'no difference beyond the spread';
  return lead > 0 ? 'held' : 'did not hold';
}
