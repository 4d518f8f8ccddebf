import type { CodeReport } from 'od-vae';

import type { Row } from './print-report.ts';

/** The table of what `encode` or `decode` did. */
export function codeRows(report: CodeReport): Row[] {
  return [
    ['frames', report.frames],
    ['size', `${report.width}x${report.height} at ${Number(report.fps.toFixed(3))} fps`],
    ['latent shape', `[${report.latentShape.join(', ')}]`],
    ['taken from', report.posterior],
    ['model', report.model],
    ['seconds', `${report.seconds.toFixed(1)} on ${report.backend}`],
    ['output', report.output],
  ];
}
