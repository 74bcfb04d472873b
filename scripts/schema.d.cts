export function compareSchema(facts: unknown, description: unknown): string[];
export function readApiDescription(script: string): unknown;
export function printSchemaDifferences(facts?: string): Promise<void>;
