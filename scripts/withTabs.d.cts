export function withTabs(code: string): string;
