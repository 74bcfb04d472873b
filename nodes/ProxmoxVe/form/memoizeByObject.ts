/** Remembers what was made of each object: of the catalogue's tables, which never change. */
export function memoizeByObject<Key extends object, Made>(
	make: (key: Key) => Made,
): (key: Key) => Made {
	const known = new WeakMap<Key, Made>();
	return (key) => {
		const made = known.get(key) ?? make(key);
		known.set(key, made);
		return made;
	};
}
