export function parametersDocument(): string;
