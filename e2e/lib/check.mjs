import { closeEditors } from './browser.mjs';
import { stopAll } from './processes.mjs';

/**
 * Runs one file's steps, in order, until one fails; prints a line with the result and sets the exit code.
 * @param steps returns what is worth telling: "50 VMs in 12 s"
 */
export async function check(name, steps) {
	const begun = Date.now();
	const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
	const cleanUps = [];
	try {
		const told = await steps((cleanUp) => cleanUps.push(cleanUp));
		console.log(`ok      ${name} (${seconds()}): ${told.join('; ')}`);
	} catch (error) {
		console.log(`failed  ${name} (${seconds()}): ${error.stack}`);
		process.exitCode = 1;
	} finally {
		// Browsers look on until the last, n8n would wait for what it talks to.
		await closeEditors();
		await stopAll();
		for (const cleanUp of cleanUps.reverse()) await cleanUp();
		process.exit();
	}
}
