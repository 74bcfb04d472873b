import type { Lab } from '../../support/lab';
import { configOf, newContainer, openContainerLab, TEMPLATE } from '../../support/containerLab';

let lab: Lab;
beforeAll(async () => (lab = await openContainerLab()));
afterAll(async () => await lab.close());

describe('a new container', () => {
	it('is created from the panel as it comes up', async () => {
		const output = await lab.output({ ...newContainer, hostname: 'web-1' });
		expect(output).toMatchObject({
			name: 'web-1',
			node: 'pve1',
			taskStatus: 'ok',
			reused: false,
			upid: expect.stringContaining(':vzcreate:'),
		});
		const config = await configOf(lab, output.vmid);
		expect(config).toMatchObject({
			hostname: 'web-1',
			unprivileged: 1,
			features: 'nesting=1',
			net0: expect.stringMatching(/^name=eth0,bridge=vmbr0,hwaddr=BC:24:11:.*,ip=dhcp/),
			rootfs: expect.stringMatching(/^local:\d+\/vm-\d+-disk-0\.raw,size=1G/),
		});
		expect(TEMPLATE).toContain('debian');
	});
});
