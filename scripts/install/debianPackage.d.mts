export function installPackage(name: string, program: string): Promise<void>;
