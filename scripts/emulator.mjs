import { fail, install, runTypeScript } from './setup.mjs';

await install().catch(fail);
await runTypeScript('test/emulator/cli.ts');
