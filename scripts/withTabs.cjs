const ts = require('typescript');

/** Indents a built file by tabs: the four spaces of tsc were an eighth of the package. */
function withTabs(path, code) {
	const refuseLongTemplates = (node) => {
		const isTemplate = ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);
		if (isTemplate && code.slice(node.pos, node.end).trim().includes('\n'))
			throw new Error(
				`${path}: write a template of several lines with \\n, since lines are indented anew`,
			);
		ts.forEachChild(node, refuseLongTemplates);
	};
	refuseLongTemplates(ts.createSourceFile(path, code, ts.ScriptTarget.Latest));
	return code.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
}

module.exports = { withTabs };
