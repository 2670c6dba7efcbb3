import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { NODE_MAJOR, expectedPackages, nodePaths } from './state.mjs';

const PROGRESS_TTY_MS = 500;
const PROGRESS_LOG_MS = 5_000;

/**
 * The environment for npm: without our own node_modules/.bin in PATH, because npm is about to replace the Node
 * that it would otherwise run on, and without what an outer `npm start` says about itself.
 */
function outerEnvironment() {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^npm_(lifecycle|package)_|^npm_config_local_prefix$/.test(name)) delete env[name];
  }
  const own = path.join('node_modules', '.bin');
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  env.PATH = folders.filter((folder) => !folder.endsWith(own)).join(path.delimiter);
  return env;
}

/** Runs a command to its end; throws with what to do when it fails. */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32';
    const child = spawn(command, args, {
      cwd,
      env: outerEnvironment(),
      stdio: ['ignore', 'inherit', 'inherit'],
      shell,
    });
    child.once('error', (error) =>
      reject(new Error(`${command} cannot be started (${error.message}): is npm installed?`)),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`\`${command} ${args.join(' ')}\` ended with ${code}: see its messages above.`));
    });
  });
}

/** Says how many packages are in place, until the returned function is called. */
function showProgress(root) {
  const started = Date.now();
  const manifests = expectedPackages(root, { withDev: true }).map(([where]) =>
    path.join(root, where, 'package.json'),
  );
  const { isTTY } = process.stderr;
  const show = () => {
    const done = manifests.filter((file) => existsSync(file)).length;
    const seconds = Math.round((Date.now() - started) / 1000);
    const line = `  ${done} of ${manifests.length} packages, ${seconds} s`;
    process.stderr.write(isTTY ? `\r${line} ` : `${line}\n`);
  };
  const timer = setInterval(show, isTTY ? PROGRESS_TTY_MS : PROGRESS_LOG_MS);
  return () => {
    clearInterval(timer);
    show();
    if (isTTY) process.stderr.write('\n');
  };
}

/** Installs exactly what package-lock.json lists (`npm ci`). */
export async function installPackages(root) {
  const stop = showProgress(root);
  try {
    await run('npm', ['ci', '--no-progress', '--loglevel=error'], root);
  } finally {
    stop();
  }
}

/** Does what the install script of the package `node` does where npm was told to run no scripts. */
export async function installPinnedNode(root) {
  const { folder, binary, link } = nodePaths(root);
  await run('node', ['installArchSpecificPackage.js'], folder);
  if (!existsSync(link)) {
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.relative(path.dirname(link), binary), link);
  }
  const { stdout, error } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (!stdout?.startsWith(`v${NODE_MAJOR}.`)) {
    throw new Error(
      `${path.relative(root, binary)} does not run as Node ${NODE_MAJOR}: ${error?.message ?? stdout}`,
    );
  }
}
