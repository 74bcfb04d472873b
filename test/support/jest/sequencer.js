const { default: Sequencer } = require('@jest/test-sequencer');

/** The slowest files: started last, one of them would run alone while the other cores are idle. */
const FIRST = [
	'reliability/processes.test.ts',
	'tools/emulator/fidelity.test.ts',
	'reliability/faults.test.ts',
	'runtime/privileges.test.ts',
	'form/input.wrongValues.test.ts',
	'provision/idempotency.test.ts',
	'package/examples.test.ts',
	'tools/harness.test.ts',
	'tools/chooseTarget.test.ts',
	'reliability/reliability.test.ts',
	'ProxmoxVeTrigger/trigger.test.ts',
	'guests/guestAddresses.test.ts',
	'guests/changeConfig.test.ts',
	'runtime/adviseGrant.test.ts',
	'snapshot/snapshot.test.ts',
	'credentials/target.test.ts',
];
const rankOf = ({ path }) => {
	const rank = FIRST.findIndex((file) => path.replaceAll('\\', '/').endsWith(file));
	return rank < 0 ? FIRST.length : rank;
};

/** A fresh clone has no times of earlier runs, by which Jest would sort. */
module.exports = class extends Sequencer {
	async sort(tests) {
		const sorted = await super.sort(tests);
		return [...sorted].sort((one, other) => rankOf(one) - rankOf(other));
	}
};
