export const name: string;
export const tests: string;
export const DCIODVFY: string;
export function isInstalled(): boolean;
export function install(): Promise<void>;
