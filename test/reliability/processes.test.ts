import { useWorkers } from '../support/workers';
import { chaosTests } from './processes/chaos';
import { createsTests, PROCESSES } from './processes/creates';
import { keysTests } from './processes/keys';

// One start of n8n's engine in several processes for all of them: it takes longer than most of the tests.
const workers = useWorkers(PROCESSES);

describe('keys', () => keysTests(workers));
describe('creates', () => createsTests(workers));
describe('faults', () => chaosTests(workers));
