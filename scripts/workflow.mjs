import { fail, runTypeScript, setUp } from './setup.mjs';

await setUp().catch(fail);
// npm starts scripts in the repository's root; the files named are seen from where the user is.
if (process.env.npm_lifecycle_event === 'workflow') process.chdir(process.env.INIT_CWD ?? '.');
const { runCommand } = await runTypeScript('tools/harness/cli.ts');
process.stdout.write(await runCommand().catch(fail));
