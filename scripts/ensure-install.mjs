/**
 * Runs before `npm start`, `npm test` and the like, on the machine's own Node, when nothing may be installed yet:
 * leaves node_modules as package-lock.json says, with the pinned Node 24 in node_modules/.bin. Uses Node only.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm ci` and the scripts here need; the server itself runs on the pinned Node. */
const NODE_MAJOR_MIN = 20;
/** Scripts for which the tools of development are not needed (as in a container made with --omit=dev). */
const PRODUCTION_SCRIPTS = ['prestart', 'preload'];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

async function ensureInstall() {
  const { installFault, pinnedNodeFault } = await import('./install/state.mjs');
  const scope = { withDev: !PRODUCTION_SCRIPTS.includes(process.env.npm_lifecycle_event ?? '') };
  const fault = () => installFault(root, scope) ?? pinnedNodeFault(root);
  if (fault() === undefined) return;

  const { withLock } = await import('./install/lock.mjs');
  const { installPackages, installPinnedNode } = await import('./install/npm.mjs');
  const say = (line) => process.stderr.write(`${line}\n`);
  const onWait = () => say('Another process is installing the packages of this checkout: waiting for it.');
  await withLock(path.join(root, '.install.lock'), onWait, async () => {
    const reason = installFault(root, scope);
    if (reason !== undefined) {
      say(`Installing the packages of package-lock.json with npm ci (${reason}).`);
      await installPackages(root);
    }
    if (pinnedNodeFault(root) !== undefined) {
      say(`Fetching the pinned Node (${pinnedNodeFault(root)}).`);
      await installPinnedNode(root);
    }
    if (fault() !== undefined)
      throw new Error(`The installation is not complete: ${fault()}. Try \`npm ci\`.`);
  });
}

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `MaxRay needs Node ${NODE_MAJOR_MIN} or later to install itself; this is ${process.version}.\n`,
  );
  process.exitCode = 1;
} else {
  ensureInstall().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
