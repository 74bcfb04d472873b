/**
 * The vocabulary in which the catalogue says what Proxmox VE takes. Data only: a field has no
 * behaviour here. `form/` turns it into n8n properties, `wire/` checks and encodes its values.
 */

/** The first Proxmox VE release that has a field which is not in all since 7.4. */
export type Since = '8.4' | '9.1' | '9.2' | '9.2.11';

/** Formats of Proxmox VE that are more than a pattern; `wire/formats.ts` has a check for each. */
export type FormatName =
	| 'address-list'
	| 'disk-size'
	| 'dns-name'
	| 'dns-name-list'
	| 'ipv4'
	| 'ipv6'
	| 'lxc-ip-with-ll-iface-list'
	| 'mac-addr'
	| 'pve-bridge-id'
	| 'pve-configid'
	| 'pve-cpuset'
	| 'pve-ct-timezone'
	| 'pve-hotplug-features'
	| 'pve-ipv4-config'
	| 'pve-ipv6-config'
	| 'pve-lxc-dev-string'
	| 'pve-lxc-mp-string'
	| 'pve-node'
	| 'pve-phys-bits'
	| 'pve-poolid'
	| 'pve-qm-bootdev-list'
	| 'pve-qm-bootdisk'
	| 'pve-startup-order'
	| 'pve-storage-id'
	| 'pve-tag-list'
	| 'pve-vm-cpu-type'
	| 'pve-vmid'
	| 'pve-volume-id'
	| 'pve-volume-id-or-absolute-path'
	| 'pve-volume-id-or-qm-path'
	| 'urlencoded';

/** A live list that a text can be picked from, by its name in `pickers/index.ts`. */
export type PickerName = `search${string}`;

interface About {
	/** Title Case, as the editor shows it and errors name it. */
	readonly label: string;
	/** Help in our own words: what it does, the unit, what to mind. */
	readonly help?: string;
	/** An example of a value. Proxmox's own default needs none: it is shown from `default`. */
	readonly placeholder?: string;
	readonly since?: Since;
	/** Proxmox lets only root@pam with a ticket set it: an API token never may. */
	readonly rootOnly?: true;
	/** The field (of the same device, or of the request) that must be set too. */
	readonly requires?: string;
	/** A device cannot be sent without this sub-option. */
	readonly required?: true;
	/** Values of another field (of the same device) with which this one must not be set. */
	readonly notWith?: {
		readonly field: string;
		readonly values: readonly string[];
		readonly because: string;
	};
	/** It guards something: an expression for it that gives nothing is a mistake, and never turns the guard off. */
	readonly guards?: true;
}

/** Text. `pattern` is the source of a regular expression that the whole value must match. */
export interface TextField extends About {
	readonly kind: 'text';
	readonly default?: string;
	readonly format?: FormatName;
	readonly pattern?: string;
	readonly minLength?: number;
	readonly maxLength?: number;
	/** An absolute path of the host in it is for root@pam with a password only. */
	readonly pathRootOnly?: true;
	/** Lines are sent with NUL between them. */
	readonly nulLines?: true;
	/** Lines to show, for text of several lines. */
	readonly rows?: number;
	readonly secret?: true;
	readonly picker?: PickerName;
	/** In the editor a storage alone means a new volume on it: Proxmox knows its size. */
	readonly newVolume?: true;
	/** What the editor fills in. */
	readonly initial?: string;
}

export interface IntegerField extends About {
	readonly kind: 'integer';
	readonly min?: number;
	readonly max?: number;
	/** Proxmox's default. */
	readonly default?: number;
	/** What the editor fills in when the option is added, if that is not Proxmox's default. */
	readonly initial?: number;
}

export interface DecimalField extends About {
	readonly kind: 'decimal';
	readonly min?: number;
	readonly max?: number;
	readonly default?: number;
	readonly initial?: number;
}

/** Yes or no; `1` or `0` on the wire. Where Proxmox has no default, off is meant. */
export interface FlagField extends About {
	readonly kind: 'flag';
	readonly default?: boolean;
	/** What the editor fills in when the option is added, if that is not the other than the default. */
	readonly initial?: boolean;
}

/** One of some values: value on the wire -> name in the editor. */
export interface ChoiceField<Value extends string = string> extends About {
	readonly kind: 'choice';
	readonly options: Readonly<Record<Value, string>>;
	readonly default?: NoInfer<Value>;
	/** What the editor fills in when the option is added, if that is not Proxmox's default. */
	readonly initial?: NoInfer<Value>;
}

/** Several values joined by a separator. Given as an array or as the joined text. */
export interface ListField extends About {
	readonly kind: 'list';
	readonly separator: ';' | ',' | ' ';
	readonly default?: string;
	readonly format?: FormatName;
	/** Holds for the joined text. */
	readonly pattern?: string;
	/** However the items are separated, they are sent with the separator between them. */
	readonly normalised?: true;
	/** Holds for each item, if the API itself takes any text. */
	readonly items?: FormatName;
	/** Where the values are known: value -> name in the editor. */
	readonly choices?: Readonly<Record<string, string>>;
}

/** Public SSH keys, one a line: of a VM Proxmox wants them percent-encoded inside the encoded form. */
export interface SshKeysField extends About {
	readonly kind: 'sshKeys';
	/** They are sent as they are. */
	readonly plain?: true;
}

/** Plain text that goes base64-encoded inside a device which has a `base64` flag (smbios1). */
export interface Base64Field extends About {
	readonly kind: 'base64';
	/** Holds for the text on the wire. */
	readonly pattern: string;
}

/** What a device is made of. */
export type PlainField =
	| TextField
	| IntegerField
	| DecimalField
	| FlagField
	| ChoiceField
	| ListField
	| Base64Field;

/** A device or setting with sub-options: a property string on the wire, `a,key=b,…`. */
export interface DeviceField<
	Fields extends Readonly<Record<string, PlainField>> = Readonly<Record<string, PlainField>>,
> extends About {
	readonly kind: 'device';
	readonly fields: Fields;
	/** The sub-option that may come first, without its key. */
	readonly defaultKey?: keyof Fields & string;
	/** The sub-options that a list entry shows at once; the others are added as options. */
	readonly primary?: ReadonlyArray<keyof Fields & string>;
	/** Other keys that Proxmox takes for a sub-option: key -> sub-option. */
	readonly aliases?: Readonly<Record<string, keyof Fields & string>>;
	/** The sub-option whose value may itself be a key, as in `virtio=MAC` (model=virtio,macaddr=MAC). */
	readonly keyAlias?: {
		readonly names: keyof Fields & string;
		readonly value: keyof Fields & string;
	};
	/** Sub-options of which one at least must be set. */
	readonly oneOf?: ReadonlyArray<keyof Fields & string>;
	/** Beside this value of another parameter, root@pam with a password alone may set it. */
	readonly rootOnlyWith?: { readonly parameter: string; readonly value: boolean };
	/** Holds for the whole property string. */
	readonly maxLength?: number;
	/** The editor shows it as one text in Proxmox's own form, because few will ever need it. */
	readonly asText?: true;
}

/** Numbered parameters, `net0`, `net1` …, listed in the facts as `net[n]`. */
export interface FamilyField<Item extends TextField | DeviceField = TextField | DeviceField>
	extends About {
	readonly kind: 'family';
	/** The label of the whole list, if it is not the label and an s. */
	readonly plural?: string;
	/** How many there can be: slots 0 to count - 1. */
	readonly count: number;
	readonly item: Item;
}

export type Field = PlainField | SshKeysField | DeviceField | FamilyField;
export type Fields = Readonly<Record<string, Field>>;

/** Fields that the editor shows together. */
export interface Group<F extends Fields = Fields> {
	/** The n8n parameter's name. It is stored in users' workflows: never change it. */
	readonly name: string;
	readonly label: string;
	readonly help?: string;
	readonly fields: F;
}

/** The value a field takes after it was read: what `wire/encodeBody` gets. */
export type ValueOf<F> = F extends { kind: 'integer' | 'decimal' }
	? number
	: F extends { kind: 'flag' }
		? boolean
		: F extends ChoiceField<infer Value>
			? Value
			: F extends { kind: 'text' | 'list' | 'sshKeys' | 'base64' }
				? string
				: F extends DeviceField<infer Sub>
					? { [K in keyof Sub]?: ValueOf<Sub[K]> }
					: never;

type Slots<Name> = Name extends `${infer Base}[n]` ? `${Base}${number}` : never;

/** The values of some fields by the API's parameter names; a family `net[n]` gives `net0`, `net1` … */
export type ValuesOf<F extends Fields> = {
	[K in keyof F as F[K] extends FamilyField ? never : K]?: ValueOf<F[K]>;
} & {
	[K in keyof F as F[K] extends FamilyField ? Slots<K> : never]?: F[K] extends FamilyField<
		infer Item
	>
		? ValueOf<Item>
		: never;
};

type Rest<F> = Omit<F, 'kind'>;

export const text = <const F extends Rest<TextField>>(field: F) =>
	({ kind: 'text', ...field }) as const;
export const integer = <const F extends Rest<IntegerField>>(field: F) =>
	({ kind: 'integer', ...field }) as const;
export const decimal = <const F extends Rest<DecimalField>>(field: F) =>
	({ kind: 'decimal', ...field }) as const;
export const flag = <const F extends Rest<FlagField>>(field: F) =>
	({ kind: 'flag', ...field }) as const;
export const list = <const F extends Rest<ListField>>(field: F) =>
	({ kind: 'list', ...field }) as const;
export const sshKeys = <const F extends Rest<SshKeysField>>(field: F) =>
	({ kind: 'sshKeys', ...field }) as const;
export const base64 = <const F extends Rest<Base64Field>>(field: F) =>
	({ kind: 'base64', ...field }) as const;
export const choice = <const Value extends string>(
	field: Rest<ChoiceField<Value>>,
): ChoiceField<Value> => ({
	kind: 'choice',
	...field,
});
export const device = <const F extends Readonly<Record<string, PlainField>>>(
	field: Rest<DeviceField<F>>,
): DeviceField<F> => ({ kind: 'device', ...field });
export const family = <const Item extends TextField | DeviceField>(
	field: Rest<FamilyField<Item>>,
): FamilyField<Item> => ({
	kind: 'family',
	...field,
});
export const group = <const F extends Fields>(definition: Group<F>): Group<F> => definition;
