/** The volumes as one node sees them: those of its own storages, and those of shared ones, which all nodes have. */
export class NodeVolumes<Volume extends { readonly storage: string }> extends Map<string, Volume> {
	readonly shared: Map<string, Volume>;
	private readonly isShared: (storage: string) => boolean;

	constructor(shared: Map<string, Volume>, isShared: (storage: string) => boolean) {
		super();
		this.shared = shared;
		this.isShared = isShared;
	}

	override get(volid: string): Volume | undefined {
		return super.get(volid) ?? this.shared.get(volid);
	}

	override has(volid: string): boolean {
		return super.has(volid) || this.shared.has(volid);
	}

	override set(volid: string, volume: Volume): this {
		if (this.isShared(volume.storage)) this.shared.set(volid, volume);
		else super.set(volid, volume);
		return this;
	}

	override delete(volid: string): boolean {
		return super.delete(volid) || this.shared.delete(volid);
	}

	override get size(): number {
		return super.size + this.shared.size;
	}

	override *entries(): MapIterator<[string, Volume]> {
		yield* super.entries();
		yield* this.shared.entries();
		return undefined;
	}

	override *keys(): MapIterator<string> {
		for (const [volid] of this.entries()) yield volid;
		return undefined;
	}

	override *values(): MapIterator<Volume> {
		for (const [, volume] of this.entries()) yield volume;
		return undefined;
	}

	override [Symbol.iterator](): MapIterator<[string, Volume]> {
		return this.entries();
	}

	override forEach(
		callback: (volume: Volume, volid: string, map: Map<string, Volume>) => void,
	): void {
		for (const [volid, volume] of this) callback(volume, volid, this);
	}
}
