import { parseArgs } from 'node:util';

import { ConfigError } from '@od-vae/core/base';

import { type ContenderId, CONTENDERS, USUAL } from './contenders/contenders.ts';
import type { Clip } from './contenders/protocol.ts';

/** What can be measured, in the order in which it is. */
export const SUITES = ['kernels', 'model', 'step', 'browser', 'webgpu', 'leaks'] as const;

type Suite = (typeof SUITES)[number];

/** What is measured, and how. */
export interface Settings {
  readonly suites: readonly Suite[];
  readonly contenders: readonly ContenderId[];
  /** Frames, height and width of the clips of the suite `model`. */
  readonly size: Clip;
  readonly variants: readonly (1 | 2 | 3 | 4)[];
  readonly threads: number;
  readonly rounds: number;
  /** Seconds after which a contender's answer is no longer waited for. */
  readonly limit: number;
  /** Programs of Node that run our contender; the first runs the peers in JavaScript too. */
  readonly nodes: readonly string[];
  /** Where the whole result goes, as JSON. */
  readonly json: string | undefined;
  /** Where the table and the plots go. */
  readonly output: string | undefined;
  readonly tiny: boolean;
  readonly help: boolean;
}

/** The text of `--help`. */
export const HELP = `Measures od-vae against its peers on this machine; those that are not installed are left out.

  npm run bench -- [options]

  --suite NAMES        ${SUITES.join(', ')}; default kernels,model,step
  --contenders NAMES   ${CONTENDERS.join(', ')};
                       default ${USUAL.join(',')}
  --size TxHxW         clips of the suite model, such as 25x256x256; default 17x128x128
  --variants NUMBERS   of the model, 1 to 4; default 4
  --threads COUNT      default 2
  --rounds COUNT       runs of each contender, in turn; default 5
  --limit SECONDS      a contender whose answer takes longer is stopped; default 120
  --node PATH          run our contender on this Node too; may be given several times
  --json FILE          write everything, every sample included
  --output FOLDER      write the table and the plots
  --tiny               tiny sizes, to see whether everything runs
  --help

The table goes to stdout, progress to stderr.`;

const OPTIONS = {
  suite: { type: 'string', default: 'kernels,model,step' },
  contenders: { type: 'string', default: USUAL.join(',') },
  size: { type: 'string', default: '17x128x128' },
  variants: { type: 'string', default: '4' },
  threads: { type: 'string', default: '2' },
  rounds: { type: 'string', default: '5' },
  limit: { type: 'string', default: '120' },
  node: { type: 'string', multiple: true },
  json: { type: 'string' },
  output: { type: 'string' },
  tiny: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line.
 *
 * @throws ConfigError that says which option is wrong; TypeError for an option that nobody knows.
 */
export function parseArguments(argv: readonly string[], node: string = process.execPath): Settings {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  return {
    suites: names('suite', values.suite, SUITES),
    contenders: names('contenders', values.contenders, CONTENDERS),
    size: values.tiny ? [5, 16, 16] : clipSize(values.size),
    variants: names('variants', values.variants, ['1', '2', '3', '4']).map((name) => Number(name) as 1 | 2 | 3 | 4),
    threads: wholeNumber('threads', values.threads),
    rounds: wholeNumber('rounds', values.rounds),
    limit: wholeNumber('limit', values.limit),
    nodes: [node, ...(values.node ?? [])],
    json: values.json,
    output: values.output,
    tiny: values.tiny,
    help: values.help,
  };
}

/** The names of a list, in the order of those that exist. */
function names<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !known.includes(name as Name));
  if (unknown !== undefined) throw new ConfigError(`--${option} takes ${known.join(', ')}, but got "${unknown}".`);
  return known.filter((name) => wanted.includes(name));
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new ConfigError(`--${option} must be a whole number from 1 on, but is "${text}".`);
  return value;
}

function clipSize(text: string): Clip {
  const [, frames, height, width] = (/^(\d{1,4})x(\d{1,5})x(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (frames && height && width && frames % 4 === 1 && height % 8 === 0 && width % 8 === 0)
    return [frames, height, width];
  throw new ConfigError(
    `--size must be 4n + 1 frames by a height and width that are multiples of 8, such as 17x128x128, but is "${text}".`,
  );
}
