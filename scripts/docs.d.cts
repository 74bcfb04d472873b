export function parametersDocument(): string;
export function operationsDocument(): string;
export function withOperations(readme: string): string;
