import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { VARIABLES as OF_BRIDGE } from '../../../dicom-bridge/src/config/variables.ts';
import { VARIABLES } from '../../src/config.ts';
import { PLANNED_VARIABLES, withoutEffect } from '../../src/config/planned.ts';

/** Variables of images that are not ours. */
const FOREIGN = /^(POSTGRES_|REDIS_|ORTHANC__|JANUS_)|^DICOM_WEB_PLUGIN_ENABLED$/;

interface ComposeService {
  image?: string;
  build?: unknown;
  environment?: Record<string, string>;
  volumes?: string[];
  healthcheck?: { test?: unknown; disable?: boolean };
  depends_on?: Record<string, unknown>;
  ports?: string[];
  network_mode?: string;
  profiles?: string[];
  command?: string[];
}

const documentation = readFileSync('docs/configuration.md', 'utf8');
const composeText = readFileSync('docker-compose.yml', 'utf8');
const compose = parse(composeText) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const isOurs = ([, service]: [string, ComposeService]): boolean => service.image === 'maxray';
const names = new Set<string>(VARIABLES.map(({ name }) => name));
/** A bridge beside the server takes its own from the server's environment. */
const namesOfBridge = new Set<string>(OF_BRIDGE.map(({ name }) => name));

/** The rows of the generated table, each as its cells. */
function tableRows(): string[][] {
  const table = /<!-- variables -->([\s\S]*)<!-- end of variables -->/.exec(documentation)?.[1] ?? '';
  const lines = table.trim().split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/configuration.md', () => {
  test('has every variable of config.ts with its type, default and meaning, in its order', () => {
    expect(tableRows()).toEqual(
      VARIABLES.map((variable) => [
        `\`${variable.name}\``,
        variable.type,
        variable.default === '' ? '(unset)' : `\`${variable.default}\``,
        variable.meaning,
      ]),
    );
  });

  test('calls those planned that the server says have no effect', () => {
    const [, planned = ''] = /## Planned\n([^]*?)\. For TLS/.exec(documentation) ?? [];
    expect([...planned.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name)).toEqual([...PLANNED_VARIABLES]);
    expect(withoutEffect({ TLS_CERT_FILE: '/x', JANUS_URL: '', PORT: '1' })).toEqual(['TLS_CERT_FILE']);
  });

  test('calls no variable planned that is there', () => {
    const planned = documentation.slice(documentation.indexOf('## Planned'));
    expect([...names].filter((name) => planned.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  test('has the server, with the bridge, and all that it may need', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['janus', 'orthanc', 'postgres', 'redis', 'server']);
  });

  test.each(services.filter(isOurs))(
    'gives %s only variables that server or bridge knows',
    (_, { environment = {} }) => {
      const unknown = Object.keys(environment).filter((name) => !names.has(name) && !namesOfBridge.has(name));
      expect(unknown).toEqual([]);
    },
  );

  test.each(services.filter((entry) => !isOurs(entry)))(
    'gives %s only variables of its image',
    (_, { environment = {} }) => {
      expect(Object.keys(environment).filter((name) => !FOREIGN.test(name))).toEqual([]);
    },
  );

  test('repeats the defaults of config.ts where it has defaults', () => {
    for (const [, name, value] of composeText.matchAll(/\$\{(\w+):-([^}]*)\}/g)) {
      const variable = [...VARIABLES, ...OF_BRIDGE].find((each) => each.name === name);
      if (variable) expect([name, value]).toEqual([name, variable.default]);
    }
  });

  test('takes from the environment only what deploy/compose.env.example lists, and the reverse', () => {
    const used = new Set([...composeText.matchAll(/\$\{(\w+)[:}]/g)].map((match) => match[1]));
    const example = readFileSync('deploy/compose.env.example', 'utf8');
    const listed = new Set([...example.matchAll(/^(\w+)=/gm)].map((match) => match[1]));
    expect([...used].sort()).toEqual([...listed].sort());
  });

  test('carries no password', () => {
    const example = readFileSync('deploy/compose.env.example', 'utf8');
    const secrets = [...example.matchAll(/^(\w*(?:PASSWORD|SECRET)\w*)=(.*)$/gm)];
    expect(secrets).toHaveLength(4);
    expect(secrets.map(([, , value]) => value)).toEqual(['', '', '', '']);
    expect(composeText).not.toMatch(/(?:PASSWORD|SECRET)\w*:-/);
  });

  test.each(services)('%s keeps its data in a named volume, and its ports to this machine', (_, service) => {
    expect(service.volumes?.length).toBeGreaterThan(0);
    for (const volume of service.volumes ?? [])
      expect(compose.volumes).toHaveProperty([volume.split(':')[0] ?? '']);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    const { healthcheck } = service;
    expect(healthcheck?.test !== undefined || healthcheck?.disable === true).toBe(true);
  });

  test('reaches a server that listens on loopback by way of the network of the host', () => {
    expect(compose.services.server).toMatchObject({
      network_mode: 'host',
      environment: { HOST: '127.0.0.1' },
    });
  });

  test('starts by itself only what this version uses, and what is there', () => {
    const byItself = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    expect(byItself).toEqual(['server', 'postgres']);
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const program = /^CMD \["node", (?:"--.+", )?"([^"]+)"\]$/m.exec(dockerfile)?.[1] ?? '';
    expect(existsSync(program)).toBe(true);
  });

  test('waits only for services that exist', () => {
    for (const [, { depends_on = {} }] of services) {
      for (const name of Object.keys(depends_on)) expect(compose.services).toHaveProperty(name);
    }
  });
});

describe('Dockerfile', () => {
  test('copies the manifest of every workspace before it installs', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: string[] };
    for (const workspace of workspaces)
      expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });
});
