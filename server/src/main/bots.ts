import path from 'node:path';
import { Bots } from '../bots/bots.ts';
import { ownBotId } from '../bots/install/definition.ts';
import { botFiles, type BotFile } from '../bots/install/describe.ts';
import { installBots } from '../bots/install/installBots.ts';
import { BotSchedules } from '../bots/install/botSchedules.ts';
import { Deployments } from '../bots/outside/deployments.ts';
import { ConfigError, type Config } from '../config.ts';
import { Destinations } from '../outgoing/destinations.ts';
import type { Schedules } from '../queue/schedules.ts';
import { FHIR_BASE_PATH } from '../rest/handler.ts';
import { describeDefect } from './defect.ts';
import type { OpenIdentity } from './identity.ts';
import type { Lifetime } from './lifetime.ts';
import { localRoot } from './localRoot.ts';
import { CHECKOUT, type Machine } from './machine.ts';
import { PROJECT_ID } from './roles.ts';
import type { StorePlace } from './storePlace.ts';
import type { StoreRecords } from './storeRecords.ts';

export interface BotPlace {
  machine: Machine;
  place: StorePlace;
  opened: StoreRecords;
  identity: Pick<OpenIdentity, 'identity'>;
  schedules: Schedules;
}

/** What runs the bots of a store; MaxRay's own are installed where they are wanted. */
export async function openBots(parts: BotPlace, lifetime: Lifetime): Promise<Bots> {
  const { machine, place, opened, identity, schedules } = parts;
  const { config, log } = machine;
  const { records, binaries, audit, settings, store } = opened;
  const folder = config.botsFolder ?? BOTS_FOLDER;
  const files = wantedFiles(config, folder, (await settings.read('demo')) === 'loaded');
  const bots = new Bots({
    records,
    deployments: new Deployments(records, binaries),
    tokens: identity.identity.botTokens,
    pool: machine.botPool,
    onRun: machine.metrics.botRan,
    audit,
    root: place.root,
    localRoot: localRoot(machine, place.tenant),
    fhirPath: FHIR_BASE_PATH.slice(1),
    destinations: new Destinations({
      allow: config.botFetchAllow,
      loopback: false,
      ownPorts: () => machine.ownPorts,
    }),
    modules: new Map(files.map(({ name, file }) => [ownBotId(name), file])),
    secrets: config.botSecrets,
  });
  const onDefect = (error: unknown) =>
    log.error({ defect: describeDefect(error) }, 'schedules of bots failed');
  const ofBots = new BotSchedules({ records, schedules, bots, onDefect });
  schedules.handle(BotSchedules.PREFIX, (due) => ofBots.run(due));
  store.administration.onChanged(() => ofBots.refresh());
  lifetime.atEnd(() => ofBots.settled());
  const tokenOf = (bot: string) => bots.tokenOf(bot);
  await installBots({
    ...{ records, settings, schedules, files, tokenOf },
    folder,
    project: PROJECT_ID,
  });
  return bots;
}

const BOTS_FOLDER = path.join(CHECKOUT, 'bots');

/** @throws ConfigError for a name that no bot has: those that are not wanted any more are switched off, a misspelt one would be, too. */
function wantedFiles({ bots }: Pick<Config, 'bots'>, folder: string, isDemo: boolean): BotFile[] {
  if (bots === 'none' || (bots === 'demo' && !isDemo)) return [];
  const files = botFiles(folder);
  if (typeof bots === 'string') return files;
  const unknown = bots.find((wanted) => !files.some(({ name }) => name === wanted));
  if (unknown !== undefined)
    throw new ConfigError('BOTS', `names ${JSON.stringify(unknown)}, and there is no such bot in ${folder}`);
  return files.filter(({ name }) => bots.includes(name));
}
