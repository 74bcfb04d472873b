import type { EndpointFacts, ParameterFacts } from './facts';

/** How many slots each indexed family has: `net[n]` is net0 to net31. */
export const familySlots: Readonly<Record<string, number>> = {
	dev: 256,
	hostpci: 16,
	ide: 4,
	ipconfig: 32,
	mp: 256,
	net: 32,
	numa: 8,
	parallel: 3,
	sata: 6,
	scsi: 31,
	serial: 4,
	unused: 256,
	usb: 14,
	virtio: 16,
	virtiofs: 10,
};

/** Splits a parameter's name into family and slot; undefined where it is in no family or beyond its last slot. */
export function parseSlot(name: string): { family: string; slot: number } | undefined {
	const [, family, digits] = /^([a-z]+)(0|[1-9]\d*)$/.exec(name) ?? [];
	const slots = family === undefined ? undefined : familySlots[family];
	if (family === undefined || slots === undefined || Number(digits) >= slots) return undefined;
	return { family, slot: Number(digits) };
}

/** The facts of a parameter by the name it is sent under (`net3` is found as `net[n]`). */
export function findParameter(endpoint: EndpointFacts, name: string): ParameterFacts | undefined {
	// A family's own name in the facts is no parameter.
	if (Object.hasOwn(endpoint.parameters, name) && !name.endsWith('[n]'))
		return endpoint.parameters[name];
	const slot = parseSlot(name);
	return slot && endpoint.parameters[`${slot.family}[n]`];
}
