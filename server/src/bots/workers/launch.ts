import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BotError } from '../botError.ts';

/** How a process is started. */
export interface Launch {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** Memory at which it is ended, in bytes: what a heap limit does not count is in it. */
  residentBytesMax: number;
}

const MIB = 2 ** 20;
/** What a process of each runtime has beside the heap: code, stacks, buffers. */
const NODE_BESIDE_BYTES = 160 * MIB;
const DENO_BESIDE_BYTES = 128 * MIB;
const GUEST = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../guest');
/** Of the server's own environment, what bots of ours are given: how to reach the network, and times. */
const PASSED_ON = ['NODE_EXTRA_CA_CERTS', 'TZ', 'LANG', 'SSL_CERT_FILE'];
/** Below what is no folder: so nothing can be kept between runs, nor anywhere on disk. */
const NO_FOLDER = '/dev/null/none';

/** For bots of ours: a Node with a heap of its own. @param memoryMb of the heap */
export function nodeLaunch(memoryMb: number): Launch {
  const args = [
    `--max-old-space-size=${memoryMb}`,
    '--disable-warning=ExperimentalWarning',
    path.join(GUEST, 'ownBots.ts'),
  ];
  const passed = PASSED_ON.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...{ command: process.execPath, args, cwd: path.parse(GUEST).root },
    env: Object.fromEntries(passed),
    residentBytesMax: memoryMb * MIB + NODE_BESIDE_BYTES,
  };
}

/** For bots from outside: a Deno that may do nothing but compute, and talk over standard input and output. @param memoryMb of the heap */
export function denoLaunch(memoryMb: number): Launch {
  const require = createRequire(import.meta.url);
  const core = path.join(path.dirname(require.resolve('@medplum/core')), '../esm/index.mjs');
  const imports = { imports: { '@medplum/core': pathToFileURL(core).href } };
  const deny = ['read', 'write', 'net', 'env', 'sys', 'run', 'ffi', 'import'];
  const without = [
    ...['prompt', 'remote', 'npm', 'config', 'lock', 'code-cache'].map((what) => `no-${what}`),
    'cached-only',
  ];
  return {
    command: denoBinary(require),
    args: [
      'run',
      ...deny.map((what) => `--deny-${what}`),
      ...without.map((what) => `--${what}`),
      `--import-map=data:application/json,${encodeURIComponent(JSON.stringify(imports))}`,
      `--v8-flags=--max-old-space-size=${memoryMb}`,
      path.join(GUEST, 'outsideBots.ts'),
    ],
    env: { DENO_DIR: NO_FOLDER, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
    cwd: path.parse(GUEST).root,
    residentBytesMax: memoryMb * MIB + DENO_BESIDE_BYTES,
  };
}

/** In the package of this platform: no script has to have run when it was installed. */
function denoBinary(require: NodeJS.Require): string {
  const { platform, arch } = process;
  const name = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
  try {
    const manifest = createRequire(require.resolve('deno/package.json')).resolve(`${name}/package.json`);
    return path.join(path.dirname(manifest), platform === 'win32' ? 'deno.exe' : 'deno');
  } catch {
    throw new BotError('crash', `Bots from outside need the package ${name}, which is not installed.`);
  }
}
