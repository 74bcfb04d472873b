/** `npm run --silent fidelity -- [--state FILE.json] [FILE.jsonl …]`: exits 0 only where the emulator answers every line as recorded. */
import { fail, install, runTypeScript } from './setup.mjs';

await install().catch(fail);
// npm starts scripts in the repository's root; the files named are seen from where the user is.
if (process.env.npm_lifecycle_event === 'fidelity') process.chdir(process.env.INIT_CWD ?? '.');
await runTypeScript('tools/emulator/fidelity/cli.ts');
