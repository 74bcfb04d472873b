import { fail, runTypeScript, setUp } from './setup.mjs';

await setUp().catch(fail);
await runTypeScript('tools/bench/cli.ts');
