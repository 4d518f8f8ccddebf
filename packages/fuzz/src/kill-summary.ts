import type { KillResult } from './run-kills.ts';

const COLUMNS = ['absent', 'previous', 'resumable', 'complete', 'broken'] as const;

/** Kills as a table in Markdown. */
export function killMarkdown(results: readonly KillResult[]): string {
  const names = [...new Set(results.map(({ job }) => job))];
  const row = (name: string, own: readonly KillResult[]): (string | number)[] => [
    name,
    own.length,
    ...COLUMNS.map((remains) => own.filter((result) => result.remains === remains).length),
    own.filter(({ temporary }) => temporary > 0).length,
    own.filter(({ temporaryAfterwards }) => temporaryAfterwards > 0).length,
    own.filter(({ sameAfterwards }) => sameAfterwards).length,
  ];
  const head = ['command', 'kills', ...COLUMNS, 'temporary files', 'and after the next run', 'same bytes then'];
  const rows = [
    head,
    head.map((_, index) => (index === 0 ? '---' : '---:')),
    ...names.map((name) =>
      row(
        name,
        results.filter(({ job }) => job === name),
      ),
    ),
    row('all', results),
  ];
  return `${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
