export function shrinkCode(code: string): string;
