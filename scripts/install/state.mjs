import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The Node that runs MaxRay: the major version of the npm package `node` in package.json. */
export const NODE_MAJOR = 24;
/** A Node binary is some 120 MB; npm's stand-in for a blocked install script is a few bytes. */
const NODE_BINARY_BYTES_MIN = 1_000_000;

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Paths of the packages in package-lock.json that an installation on this machine must have. */
export function expectedPackages(root, { withDev }) {
  const { packages } = readJson(path.join(root, 'package-lock.json'));
  return Object.entries(packages).filter(
    ([where, entry]) => where.includes('node_modules/') && !entry.optional && (withDev || !entry.dev),
  );
}

/**
 * Why node_modules does not hold what package-lock.json asks for, or undefined when it does. npm records what
 * it installed in node_modules/.package-lock.json, last of all. Contents are compared and not times: a checkout
 * sets the time of package-lock.json, and `npm install` writes it after node_modules.
 */
export function installFault(root, { withDev }) {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'node_modules is missing or incomplete';
  const installed = readJson(record).packages;
  for (const [where, wanted] of expectedPackages(root, { withDev })) {
    const found = installed[where];
    if (!found) return `${where} is missing`;
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return `${where} differs from package-lock.json`;
    }
  }
  return undefined;
}

/** Where npm puts the pinned Node, and where scripts find it. */
export const nodePaths = (root) => ({
  folder: path.join(root, 'node_modules', 'node'),
  binary: path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
  link: path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node'),
});

/** Why the pinned Node cannot run, or undefined when it can. Looks at files only: no process is started. */
export function pinnedNodeFault(root) {
  const { folder, binary, link } = nodePaths(root);
  const manifest = path.join(folder, 'package.json');
  if (!existsSync(manifest)) return 'the package `node` is missing';
  const { version } = readJson(manifest);
  if (Number(version.split('.')[0]) !== NODE_MAJOR) return `the package \`node\` is ${version}`;
  const size = existsSync(binary) ? statSync(binary).size : 0;
  if (size < NODE_BINARY_BYTES_MIN) return 'the install script of the package `node` did not run';
  return existsSync(link) ? undefined : 'node_modules/.bin/node is missing';
}
