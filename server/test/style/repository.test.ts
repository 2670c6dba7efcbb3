import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** As in the lint rule max-lines, but comments and blank lines count too: a file is read as a whole. */
const LINES_MAX = 400;
const TRACKED_BYTES_MAX = 1024 * 1024;

/** Files under version control, and new ones that will be. */
const files = execFileSync(
  'git',
  ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  },
)
  .split('\0')
  .filter((file) => file !== '' && existsSync(file));

const isCode = (file: string): boolean => /\.(ts|mjs|sql|sh)$/.test(file);
const read = (file: string): string => readFileSync(file, 'utf8');
/** Markdown without what stands in it as code. */
const withoutCode = (text: string): string => text.replaceAll(/```[^]*?```|`[^`\n]*`/g, '');

/** [file, module specifier] of every static import and re-export of the code. */
function imports(): [string, string][] {
  const from = /^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;
  return files
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .flatMap((file) =>
      [...read(file).matchAll(from)].map((m): [string, string] => [file, m[1] ?? m[2] ?? '']),
    );
}

/** A cycle in a graph, or undefined. */
function findCycle(graph: Map<string, Set<string>>): string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, trail: string[]): string[] | undefined => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = walk(next, [...trail, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = walk(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The room of server/src that a path lies in, e.g. `store`; undefined outside and for files that stand alone. */
const room = (file: string): string | undefined => /^server\/src\/([^/]+)\//.exec(file)?.[1];

describe('the repository', () => {
  test('has files of a size that can be read', () => {
    const long = files.filter((file) => isCode(file) && read(file).split('\n').length > LINES_MAX);
    const big = files.filter((file) => statSync(file).size > TRACKED_BYTES_MAX);
    expect({ long, big }).toEqual({ long: [], big: [] });
  });

  test('has no cycle between rooms', () => {
    const graph = new Map<string, Set<string>>();
    for (const [file, specifier] of imports()) {
      if (!specifier.startsWith('.')) continue;
      const [from, to] = [room(file), room(path.join(path.dirname(file), specifier))];
      if (from === undefined || to === undefined || from === to) continue;
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
    expect(graph.size).toBeGreaterThan(0);
    expect(findCycle(graph)).toBeUndefined();
  });

  test('has no cycle between files', () => {
    const graph = new Map<string, Set<string>>();
    for (const [file, specifier] of imports()) {
      if (!specifier.startsWith('.')) continue;
      const to = path.join(path.dirname(file), specifier);
      graph.set(file, (graph.get(file) ?? new Set()).add(to));
    }
    expect(findCycle(graph)).toBeUndefined();
  });

  test('imports its own files by name with their ending, so that Node finds them', () => {
    const dangling = imports().filter(([file, specifier]) => {
      return specifier.startsWith('.') && !existsSync(path.join(path.dirname(file), specifier));
    });
    expect(dangling).toEqual([]);
  });

  test('names no folder of the machine that it was written on', () => {
    const home = `${path.dirname(process.cwd())}/`;
    // A checkout directly below the root has nothing that could be told apart from any path.
    const outside = files.filter(
      (file) => home.length > 2 && !/\.(png|jpg|gz|tgz)$/.test(file) && read(file).includes(home),
    );
    expect(outside).toEqual([]);
  });

  test('has a lock file that does not say where packages were downloaded', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "(?:http|git)/);
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
  });

  test('has documents whose links lead somewhere', () => {
    const broken = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...withoutCode(read(file)).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map((match) => path.join(path.dirname(file), match[1] ?? ''))
          .filter((target) => !existsSync(target))
          .map((target) => `${file} -> ${target}`),
      );
    expect(broken).toEqual([]);
  });

  test('has a decision record for each number, listed in docs/decisions/README.md', () => {
    const records = files.filter((file) => /^docs\/decisions\/\d{4}-.*\.md$/.test(file)).sort();
    const index = read('docs/decisions/README.md');
    records.forEach((file, at) => {
      expect(path.basename(file)).toMatch(new RegExp(`^${String(at).padStart(4, '0')}-`));
      expect(index).toContain(`(${path.basename(file)})`);
    });
    expect(records.length).toBeGreaterThan(0);
  });
});
