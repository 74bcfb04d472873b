/** Tasks that stand by themselves: `npx gulp --tasks` lists them. The package itself is built by `npm run build`. */
const { spawn } = require('node:child_process');
const { Transform } = require('node:stream');
const { dest, series, src } = require('gulp');

/** Puts the icons into dist, once each is what n8n shows well: a square SVG that runs and loads nothing. */
function icons() {
	return src('icons/*.svg').pipe(eachFile(assertIcon)).pipe(dest('dist/icons'));
}

/** Starts the emulated Proxmox VE API: `npx gulp emulator`. */
function emulator() {
	return spawn(process.execPath, ['scripts/emulator.mjs'], { stdio: 'inherit' });
}

function eachFile(check) {
	return new Transform({
		objectMode: true,
		transform(file, _encoding, done) {
			try {
				check(file.relative, file.contents.toString());
				done(null, file);
			} catch (error) {
				done(error);
			}
		},
	});
}

function assertIcon(name, svg) {
	const [, , width, height] = /<svg[^>]*\bviewBox="([\d.-]+) ([\d.-]+) ([\d.]+) ([\d.]+)"/.exec(svg)?.slice(1) ?? [];
	if (!width || width !== height) throw new Error(`${name}: not an SVG with a square viewBox`);
	if (/<script|\son\w+=|<image|href="(?!#)/i.test(svg)) throw new Error(`${name}: runs or loads something`);
}

module.exports = { default: series(icons), icons, emulator };
