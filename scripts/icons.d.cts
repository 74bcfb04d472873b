/** @throws Error for the first icon in icons/ that n8n would not show well */
export function checkIcons(): Promise<void>;
/** @returns what is wrong with an SVG icon; undefined if nothing is */
export function problemOf(svg: string): string | undefined;
