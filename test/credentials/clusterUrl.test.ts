import { clusterUrl, clusterUrls } from '../../credentials/clusterUrl';

describe('the cluster URL', () => {
	it.each([
		['pve', 'https://pve:8006'],
		[' pve.example.com ', 'https://pve.example.com:8006'],
		['pve:8006', 'https://pve:8006'],
		['pve/api2/json', 'https://pve:8006'],
		['pve:8006/api2/json/', 'https://pve:8006'],
		['192.0.2.10', 'https://192.0.2.10:8006'],
		['[2001:db8::10]:8006', 'https://[2001:db8::10]:8006'],
		['fd00::1', 'https://[fd00::1]:8006'],
		[' fd00::1/api2/json ', 'https://[fd00::1]:8006'],
		['FD00:0:0:0:0:0:0:1', 'https://[fd00::1]:8006'],
		['fd00:1:2:3:4:5:6:8006', 'https://[fd00:1:2:3:4:5:6:8006]:8006'],
		['::ffff:192.0.2.10', 'https://[::ffff:c000:20a]:8006'],
		['https://fd00::1', 'https://[fd00::1]'],
		['http://::1', 'http://[::1]'],
		['pve:443', 'https://pve'],
		['https://pve:8006/', 'https://pve:8006'],
		['https://pve:8006/api2/json', 'https://pve:8006'],
		['https://pve:8006/api2/extjs/', 'https://pve:8006'],
		['HTTPS://pve:8006/#v1:0:=node%2Fpve:4:5', 'https://pve:8006'],
		['https://proxy.example.com/', 'https://proxy.example.com'],
		['https://proxy.example.com/pve/api2/json', 'https://proxy.example.com/pve'],
		['http://localhost:8006', 'http://localhost:8006'],
		['http://127.0.0.1:8006/', 'http://127.0.0.1:8006'],
		['http://[::1]:8006/', 'http://[::1]:8006'],
	])('%s is %s', (given, url) => expect(clusterUrl(given)).toBe(url));

	it.each([
		['http://pve:8006', 'http would send the secret unencrypted to pve'],
		['http://localhost.example.com', 'unencrypted'],
		['ftp://pve', 'must begin with https://'],
		['https://root:secret@pve:8006', 'must not contain a user or password'],
		['https://root@pve:8006', 'must not contain a user or password'],
		['https://:secret@pve:8006', 'must not contain a user or password'],
		['', 'is not a valid address'],
		['pve example', 'is not a valid address'],
		['fd00::1:8006', 'can be read in two ways'],
		['https://fd00::1:443', 'can be read in two ways'],
		['fe80::1%eth0', 'is not a valid address'],
		['1:2:3', 'is not a valid address'],
	])('%s is refused', (given, reason) => expect(() => clusterUrl(given)).toThrow(reason));
});

describe('the hosts of a cluster', () => {
	it.each([
		['pve', ['https://pve:8006']],
		['https://pve', ['https://pve', 'https://pve:8006']],
		['https://pve/#v1:0', ['https://pve', 'https://pve:8006']],
		['https://[fd00::1]/api2/json', ['https://[fd00::1]', 'https://[fd00::1]:8006']],
		['https://pve:443', ['https://pve']],
		['https://pve:443/', ['https://pve']],
		['pve:443', ['https://pve']],
		['https://pve:8006', ['https://pve:8006']],
		['https://proxy.example.com/pve', ['https://proxy.example.com/pve']],
		['http://localhost', ['http://localhost']],
		[
			'https://a, https://b c',
			['https://a', 'https://b', 'https://c:8006', 'https://a:8006', 'https://b:8006'],
		],
		['pve, https://pve', ['https://pve:8006', 'https://pve']],
	])('%s are %j', (given, urls) => expect(clusterUrls(given)).toEqual(urls));
});
