import { checkGoldenFolder } from './golden/run.ts';

await checkGoldenFolder(process.argv.slice(2));
