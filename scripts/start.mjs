import { fail, runTypeScript, setUp } from './setup.mjs';

await setUp().catch(fail);
const { demo } = await runTypeScript('tools/harness/demo.ts');
await demo().catch(fail);
