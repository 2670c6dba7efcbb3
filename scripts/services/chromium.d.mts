/** Path of the program. */
export const PROGRAM: string;
export const name: string;
export const tests: string;
export function isInstalled(): boolean;
export function install(): Promise<void>;
