import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { botFiles } from '../../../../server/src/bots/install/describe.ts';
import { findEmbeddedPostgres } from '../../../../server/src/store/postgres/embedded/start.ts';
import { killBots } from '../../../../server/test/fault/support/botProcess.ts';
import { kill, type Kill } from '../../../../server/test/fault/support/killer.ts';
import { startQueue, type FaultQueue } from '../../../../server/test/fault/support/queue.ts';
import { freePort, workshop, type Program } from '../../../../server/test/support/program.ts';
import { Gateways } from './gateways.ts';

const BOTS = path.resolve(import.meta.dirname, '../../..');
/** What our bots do by the clock they do so often here. */
const CRON = '*/5 * * * * *';
export const VICTIMS = ['worker', 'server', 'queue', 'postmaster', 'both'] as const;
export type Victim = (typeof VICTIMS)[number];

/** The names of all our bots, by their folders. */
export const botNames = (): string[] => botFiles(BOTS).map(({ name }) => name);

/** A server with all our bots, its queue, and those who are outside. */
export class FaultSite {
  readonly gateways: Gateways;
  /** Of the server. */
  readonly root: string;
  readonly #workshop = workshop();
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'maxray-bots-fault-'));
  readonly #dataDir = this.#workshop.dataDir();
  readonly #port: number;
  readonly #queue: FaultQueue;
  #server!: Program;

  private constructor(port: number, queue: FaultQueue) {
    this.#port = port;
    this.#queue = queue;
    this.root = `http://127.0.0.1:${port}`;
    this.gateways = new Gateways(this.root);
  }

  static async open(seed: number): Promise<FaultSite> {
    const site = new FaultSite(await freePort(), await startQueue());
    await site.gateways.open(seed);
    site.#writeBots();
    site.#server = site.#start();
    await site.#server.ready();
    return site;
  }

  async suffer({ victim, ...fault }: Kill<Victim>): Promise<void> {
    if (victim === 'queue') return this.#queue.lose(this.#dataDir);
    if (victim === 'worker') return killBots(this.#server, 'ownBots');
    const place = { dataDir: this.#dataDir, start: () => this.#start() };
    this.#server = await kill(place, this.#server, { ...fault, victim });
  }

  /** Deliveries that wait, and those that were given up. */
  async deliveries(): Promise<{ waiting: number; dead: number }> {
    const client = new Client({ ...findEmbeddedPostgres(this.#dataDir)! });
    await client.connect();
    try {
      const count = (state: string) => `count(*) FILTER (WHERE state = '${state}')::int`;
      const { rows } = await client.query(
        `SELECT ${count('W')} AS waiting, ${count('X')} AS dead FROM maxray.event_delivery`,
      );
      return rows[0] as { waiting: number; dead: number };
    } finally {
      await client.end();
    }
  }

  /** @returns the code with which the server ended */
  async stop(): Promise<number | null> {
    return (await this.#server.end('SIGTERM')).code;
  }

  async cleanUp(): Promise<void> {
    await this.#workshop.cleanUp();
    await this.gateways.close();
    await this.#queue.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(): Program {
    const env = {
      PORT: String(this.#port),
      LOG_LEVEL: 'error',
      MAXRAY_ROLES: 'true',
      BOTS: 'all',
      BOTS_FOLDER: path.join(this.#folder, 'bots'),
      BOT_SECRETS_FILE: path.join(this.#folder, 'secrets.json'),
      ...this.#queue.env,
    };
    return this.#workshop.server(this.#dataDir, { env });
  }

  #writeBots(): void {
    for (const { name, file } of botFiles(BOTS)) {
      const folder = path.join(this.#folder, 'bots', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'bot.ts'), hastened(file));
    }
    writeFileSync(path.join(this.#folder, 'secrets.json'), JSON.stringify(this.gateways.secrets));
  }
}

/** A bot of ours that is the same but for its clock. */
const hastened = (file: string): string => `
import * as own from ${JSON.stringify(file)};
export const { handler } = own;
const triggers = own.bot.triggers.map((trigger) => ('cron' in trigger ? { cron: '${CRON}' } : trigger));
export const bot = { ...own.bot, triggers };
`;
