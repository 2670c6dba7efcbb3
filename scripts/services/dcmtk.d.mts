export const name: string;
export const tests: string;
export function program(name: string): string;
export function isInstalled(): boolean;
export function install(): Promise<void>;
