import {
	nameInUrl,
	nameOfDownload,
	readImageName,
	type ImageContent,
} from '../../nodes/ProxmoxVe/wire/imageName';

describe('the name of an image', () => {
	it.each<[ImageContent, string, string]>([
		['iso', 'debian.iso', 'debian.iso'],
		['iso', 'UPPER.ISO', 'UPPER.ISO'],
		['iso', 'disk.img', 'disk.img'],
		['iso', '../my a.iso', 'my_a.iso'],
		['iso', 'C:\\images\\ä.iso', '_.iso'],
		['import', 'a.b.qcow2', 'a.b.qcow2'],
		['import', 'm.ova', 'm.ova'],
		['vztmpl', 'deb.tar.zst', 'deb.tar.zst'],
		['vztmpl', 'app.tar', 'app.tar'],
	])('%s: %s is stored as %s', (content, given, value) => {
		expect(readImageName(content, given)).toEqual({ value });
	});

	it.each<[ImageContent, string]>([
		['iso', '.iso'],
		['iso', ''],
		['iso', 'x.iso.gz'],
		['import', 'x.img'],
		['import', 'x.QCOW2'],
		['import', 'x.ovf'],
		['vztmpl', 'x.tgz'],
		['vztmpl', 'x.tar.lzo'],
		['iso', `${'x'.repeat(300)}.iso`],
	])('%s: %s is refused', (content, given) => {
		expect(readImageName(content, given)).toHaveProperty('problem');
	});

	it.each<[ImageContent, string, string | undefined, string]>([
		['iso', 'https://h/a/b.iso?x=/y#z', undefined, 'b.iso'],
		['iso', 'https://h/my%20a.iso', undefined, 'my_a.iso'],
		['iso', 'https://h/b.iso.gz', 'gz', 'b.iso'],
		['import', 'https://h/noble.img', undefined, 'noble.qcow2'],
	])('%s: %s gives a name', (content, url, compression, value) => {
		expect(nameOfDownload(content, nameInUrl(url), compression)).toEqual({ value });
	});

	it.each(['https://h/', 'https://h', 'https://h/get?file=a.iso', 'https://h/a.iso.gz'])(
		'%s has none',
		(url) => {
			expect(nameOfDownload('iso', nameInUrl(url))).toHaveProperty('problem');
		},
	);

	it('a URL with a broken escape is read as it is', () => {
		expect(nameInUrl('https://h/%zz.iso')).toBe('%zz.iso');
	});
});
