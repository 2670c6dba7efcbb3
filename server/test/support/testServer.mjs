import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The one embedded PostgreSQL of a Jest run. It lives in Jest's own process and starts when the first test file asks for it, by
 * HTTP on a private socket: runs without the database stay quick, and test files in several workers share it.
 */
const PREFIX = 'maxray-jest-';
const EMBEDDED = '../../src/store/postgres/embedded';

let folder;
let broker;
let starting;

/** @returns {Promise<string>} the socket to ask on */
export async function openBroker() {
  folder = mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o711); // as root, PostgreSQL's account must pass
  broker = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      (postgres) => response.end(JSON.stringify(postgres.connection)),
      (error) => response.writeHead(500).end(String(error?.message ?? error)),
    );
  });
  const socket = path.join(folder, 'broker');
  await new Promise((resolve, reject) => broker.once('error', reject).listen(socket, resolve));
  chmodSync(socket, 0o600);
  broker.unref();
  return socket;
}

export async function closeBroker() {
  if (!broker) return;
  broker.close();
  broker.closeAllConnections();
  try {
    await (await starting)?.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start() {
  await sweep();
  const { startEmbeddedPostgres } = await import(`${EMBEDDED}/start.ts`);
  return startEmbeddedPostgres({ dataDir: path.join(folder, 'data') });
}

/** Removes what runs that were killed have left. */
async function sweep() {
  const { findPostmaster } = await import(`${EMBEDDED}/postmaster.ts`);
  const { layoutOf } = await import(`${EMBEDDED}/layout.ts`);
  const { isAlive } = await import(`${EMBEDDED}/processes.ts`);
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!name.startsWith(PREFIX) || isAlive(pid)) continue;
    const left = path.join(tmpdir(), name);
    const postmaster = findPostmaster(layoutOf(path.join(left, 'data')));
    if (postmaster) process.kill(postmaster.pid, 'SIGQUIT');
    await postmaster?.exited;
    rmSync(left, { recursive: true, force: true });
  }
}
