const ts = require('typescript');

/** Indents a built file by tabs, but for lines within a template: the four spaces of tsc were an eighth of the package. */
function withTabs(code) {
	const templates = [];
	const find = (node) => {
		if (ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node))
			templates.push(node);
		else ts.forEachChild(node, find);
	};
	find(ts.createSourceFile('', code, ts.ScriptTarget.Latest));
	return code.replace(/^(?: {4})+/gm, (spaces, at) =>
		templates.some(({ pos, end }) => pos < at && at < end)
			? spaces
			: '\t'.repeat(spaces.length / 4),
	);
}

module.exports = { withTabs };
