/** A secret in every form in which it might get out. */
export function formsOf(secret: string): string[] {
	const url = encodeURIComponent(secret);
	const form = new URLSearchParams({ s: secret }).toString().slice(2);
	return [
		...new Set([
			secret,
			url,
			encodeURIComponent(url),
			form,
			encodeURIComponent(form),
			JSON.stringify(secret).slice(1, -1),
			secret
				.replace(/&/g, '&amp;')
				.replace(/</g, '&lt;')
				.replace(/"/g, '&quot;')
				.replace(/'/g, '&#39;'),
			secret.replace(/'/g, `'\\''`),
			Buffer.from(secret).toString('hex'),
			...base64Of(secret),
		]),
	];
}

/** Base64 wherever in a longer text the secret begins: the characters that hold nothing but the secret. */
const base64Of = (secret: string): string[] =>
	[0, 1, 2].flatMap((before) => {
		const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
		const first = before === 0 ? 0 : before + 1;
		const last = Math.floor((bytes.length * 8) / 6);
		return (['base64', 'base64url'] as const).map((form) =>
			bytes.toString(form).slice(first, last),
		);
	});

/**
 * All texts in something, whatever holds them: also what is not enumerable, as in errors.
 * @param skip what is not looked into
 */
export function textsIn(whole: unknown, skip: ReadonlySet<unknown> = new Set()): string[] {
	const seen = new Set<unknown>(skip);
	const texts: string[] = [];
	const open = [whole];
	while (open.length > 0) {
		const part = open.pop();
		if (typeof part === 'string') texts.push(part);
		if ((typeof part !== 'object' && typeof part !== 'function') || part === null || seen.has(part))
			continue;
		seen.add(part);
		if (part instanceof URLSearchParams || part instanceof URL) open.push(part.toString());
		if (Buffer.isBuffer(part)) open.push(part.toString('latin1'));
		else if (part instanceof Map || part instanceof Set)
			open.push(...part.keys(), ...part.values());
		else
			for (const key of Reflect.ownKeys(part))
				open.push(typeof key === 'string' ? key : undefined, valueOf(part, key));
	}
	return texts;
}

/** A getter may throw; what it throws leaves nothing. */
function valueOf(owner: object, key: string | symbol): unknown {
	try {
		return Reflect.get(owner, key);
	} catch {
		return undefined;
	}
}

/** The secrets that stand in some text, each with the text's beginning. */
export function leaksIn(texts: readonly string[], secrets: readonly string[]): string[] {
	const forms = secrets.flatMap(formsOf).map((form) => form.toLowerCase());
	const all = texts.map((text) => [text, text.toLowerCase()] as const);
	return all
		.filter(([, lower]) => forms.some((form) => lower.includes(form)))
		.map(([text]) => text.slice(0, 300));
}
