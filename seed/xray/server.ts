import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MedplumClient } from '@medplum/core';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const POLL_MS = 500;

/** Signs in to a server of this machine as its administrator client. @throws Error where nobody may sign in, or it is not running */
export async function signIn(root: string): Promise<MedplumClient> {
  const command = [path.join(CHECKOUT, 'server/src/cli/main.ts'), 'token', '--url', `${root}/fhir/R4`];
  const token = execFileSync(process.execPath, command, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new MedplumClient({ baseUrl: `${root}/`, fhirUrlPath: 'fhir/R4', accessToken: token.trim() });
}

/**
 * Asks until there is an answer.
 *
 * @param what for the error
 * @throws Error when there is none within the time
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
