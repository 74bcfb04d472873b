/** The items of a list as Proxmox splits it: commas, semicolons and white space are the same. */
export const splitList = (text: string): string[] =>
	text.split(/[,;\s]+/).filter((item) => item !== '');
