import * as fc from 'fast-check';

/** Arguments for the command. */
export interface CommandLine {
  readonly argv: readonly string[];
  /** The command takes a model, and none is named. */
  readonly takesModel: boolean;
  /** An option together with a value that means nothing, which must be refused. */
  readonly nonsense: string | undefined;
}

interface OptionHelp {
  readonly flag: string;
  /** What the value is called, such as `count`; undefined for switches. */
  readonly value: string | undefined;
  readonly choices: readonly string[];
}

const COMMANDS = ['reconstruct', 'encode', 'decode', 'convert', 'inspect'] as const;

/** What each kind of value may look like; what does not must be refused. */
const KINDS: Readonly<Record<string, RegExp>> = {
  index: /^\d+$/,
  count: /^\d+$/,
  pixels: /^\d+$/,
  number: /^\d*\.?\d+$/,
  rate: /^\d*\.?\d+$/,
};

const GOOD = ['0', '1', '2', '5', '8', '9', '16', '0.5', '25', '29.97', 'square', '8x8', '16x8', '64kB', '1MB'];
const BAD = [
  '',
  ' ',
  '-1',
  '1e3',
  '0x10',
  '1_000',
  '1.5.2',
  'NaN',
  'Infinity',
  '-0',
  '٣',
  '9007199254740993',
  '99999999999',
  '1,5',
  'null',
  '8x',
  'x8',
  '0x0',
  '🎞',
  'a\nb',
  '--',
  '-',
];
const INPUTS = [
  'clip.y4m',
  'latents.safetensors',
  'views.pt',
  'narrow',
  'narrow/model.safetensors',
  'narrow/config.json',
];
const STRANGE = [
  '',
  '.',
  'text.txt',
  'nothing.mp4',
  'no/such/folder/a.mp4',
  '%03d.png',
  'owner/name',
  'http://127.0.0.1:1/a.mp4',
  'file:///nothing',
  'a\nb.y4m',
  'ü.y4m',
  '-',
];
const OUTPUTS = [
  'out.y4m',
  'out.gif',
  'out.mp4',
  'out.webm',
  'out.png',
  'out.safetensors',
  'out/',
  'clip.y4m',
  'latents.safetensors',
  'narrow',
  'no/such/out.y4m',
  'out.txt',
  'out',
  '',
  '%02d.jpg',
];

/** Command lines out of what `--help` tells, so that a new option is tried as soon as there is one. */
export async function commandLines(
  help: (argv: readonly string[]) => Promise<string>,
): Promise<fc.Arbitrary<CommandLine>> {
  const commands = await Promise.all(
    COMMANDS.map(async (command) => [command, readHelp(await help([command, '--help']))] as const),
  );
  const known = fc.oneof(...commands.map(([command, options]) => lineOf(command, options)));
  const words = fc.constantFrom(...COMMANDS, 'doctor', 'help', '--version', '--nothing', ...BAD, ...INPUTS, ...STRANGE);
  const anything = fc.array(words, { maxLength: 4 }).filter(([first]) => first !== 'doctor');
  return fc.oneof(
    { weight: 9, arbitrary: known },
    { weight: 1, arbitrary: anything.map((argv) => ({ argv, takesModel: false, nonsense: undefined })) },
  );
}

function readHelp(text: string): OptionHelp[] {
  const unfolded = text.replaceAll(/\n {20,}/g, ' ');
  return [...unfolded.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)(?: <([\w-]+)>)?(.*)$/gm)].map(([, flag, value, rest]) => ({
    flag: flag!,
    value,
    choices: [...(/choices: ([^)]*)/.exec(rest!)?.[1]?.matchAll(/"([^"]+)"/g) ?? [])].map((match) => match[1]!),
  }));
}

function lineOf(command: string, options: readonly OptionHelp[]): fc.Arbitrary<CommandLine> {
  const own = options.filter(({ flag }) => flag !== '--help');
  const values = (option: OptionHelp): fc.Arbitrary<readonly string[]> =>
    option.value === undefined
      ? fc.constant([option.flag])
      : fc
          .constantFrom(...option.choices, ...option.choices, ...GOOD, ...BAD, 'cpu', 'simd', 'narrow')
          .map((value) => [option.flag, value]);
  const chosen = fc.subarray([...own], { maxLength: 3 }).chain((some) => fc.tuple(...some.map(values)));
  const input = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...INPUTS) },
    { weight: 1, arbitrary: fc.constantFrom(...STRANGE) },
  );
  const outputs = fc.constantFrom(...OUTPUTS);
  const places = command === 'inspect' ? fc.tuple(input) : fc.tuple(input, outputs);
  return fc.tuple(places, chosen).map(([paths, flags]) => {
    const argv = [command, ...flags.flat(), ...paths];
    const takesModel = own.some(({ flag }) => flag === '--model') && !argv.includes('--model');
    return { argv, takesModel, nonsense: nonsenseIn(flags, options) };
  });
}

function nonsenseIn(flags: readonly (readonly string[])[], options: readonly OptionHelp[]): string | undefined {
  return flags
    .filter(([flag, value]) => {
      const option = options.find((one) => one.flag === flag)!;
      const kind = KINDS[option.value ?? ''];
      if (value === undefined) return false;
      return option.choices.length > 0 ? !option.choices.includes(value) : kind !== undefined && !kind.test(value);
    })
    .map((words) => words.join(' '))[0];
}
