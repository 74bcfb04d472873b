import { fail, install, runTypeScript } from './setup.mjs';

await install().catch(fail);
await runTypeScript('tools/emulator/cli.ts');
