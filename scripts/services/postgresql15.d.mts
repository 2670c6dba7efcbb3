export const name: string;
export const tests: string;
export const BIN_FOLDER: string;
export function isInstalled(): boolean;
export function install(): Promise<void>;
