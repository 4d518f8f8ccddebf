// npm run bench -- --help
import { HELP, parseArguments } from './parse-arguments.ts';
import { runBenchmarks } from './run-benchmarks.ts';
import { resultTable } from './report/table.ts';
import { writeResult } from './report/write-result.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

try {
  const settings = parseArguments(process.argv.slice(2));
  if (settings.help) {
    console.log(HELP);
  } else {
    const result = await runBenchmarks(settings, (line) => console.error(line));
    console.log(resultTable(result));
    await writeResult(result, settings);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
