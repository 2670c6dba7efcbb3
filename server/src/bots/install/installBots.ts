import type { Resource } from '../../fhir/resource.ts';
import type { Schedules } from '../../queue/schedules.ts';
import { LOCAL_CALLER, type Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { stored } from '../../records/stored.ts';
import { readBot } from '../bot.ts';
import { ownBotId, type OwnBot } from './definition.ts';
import { describeBots, revisionOf, type BotFile } from './describe.ts';
import { resourcesOf, type BotResources } from './resources.ts';

/** Small values that a store keeps. */
export interface InstallSettings {
  read(name: string): Promise<string | undefined>;
  write(name: string, value: string): Promise<void>;
}

export interface InstallParts {
  records: Pick<Records, 'read' | 'transact'>;
  settings: InstallSettings;
  schedules: Pick<Schedules, 'put' | 'remove' | 'names'>;
  /** Folder of the bots, and those of them that are wanted. */
  folder: string;
  files: readonly BotFile[];
  /** Id of the Project that memberships belong to. */
  project: string;
  /** Who a bot is: its Subscriptions are its own. */
  tokenOf(bot: string): NonNullable<Caller['token']>;
}

/** What was installed. */
interface Installed {
  revision: string;
  /** Ids of Subscriptions, by the ids of their Bots. */
  bots: Record<string, string[]>;
}

const SETTING = 'bots';

/**
 * Has MaxRay's own bots in a store as this release has them: what has changed is written again, what is there no more is switched off. A bot
 * that somebody has switched off stays so.
 */
export async function installBots(parts: InstallParts): Promise<void> {
  const { folder, files, settings } = parts;
  const before = JSON.parse((await settings.read(SETTING)) ?? '{"revision":"","bots":{}}') as Installed;
  const revision = files.length === 0 ? '' : revisionOf(folder, files);
  if (before.revision === revision) return;
  const definitions = await describeBots(files);
  const bots: Installed['bots'] = {};
  for (const definition of definitions) {
    const id = ownBotId(definition.name);
    bots[id] = await install(parts, definition, before.bots[id] ?? []);
  }
  for (const [id, subscriptions] of Object.entries(before.bots))
    if (bots[id] === undefined) await remove(parts, id, subscriptions);
  await settings.write(SETTING, JSON.stringify({ revision, bots } satisfies Installed));
}

/** @returns ids of its Subscriptions */
async function install(
  parts: InstallParts,
  definition: OwnBot,
  before: readonly string[],
): Promise<string[]> {
  const { records, project, tokenOf } = parts;
  const id = ownBotId(definition.name);
  const known = await stored(records, 'Bot', id);
  const resources = resourcesOf(definition, project, known !== undefined && readBot(known).isOff);
  if ((await stored(records, 'Project', project)) === undefined)
    await records.transact(LOCAL_CALLER, [put({ resourceType: 'Project', id: project, name: 'MaxRay' })]);
  await records.transact(LOCAL_CALLER, resources.bot.map(put));
  const ids = resources.subscriptions.map((one) => one.id);
  // Written as the bot: it is told of what it may see itself.
  const asBot: Caller = { ...LOCAL_CALLER, token: tokenOf(id) };
  if (ids.length > 0) await records.transact(asBot, resources.subscriptions.map(put));
  await end(
    parts,
    before.filter((one) => !ids.includes(one)),
  );
  await schedule(parts, id, resources.schedules);
  return ids;
}

async function remove(parts: InstallParts, id: string, subscriptions: readonly string[]): Promise<void> {
  await end(parts, subscriptions);
  await schedule(parts, id, []);
  const membership = await stored(parts.records, 'ProjectMembership', id);
  if (membership) await parts.records.transact(LOCAL_CALLER, [put({ ...membership, active: false })]);
}

/** Subscriptions are told of nothing any more. */
async function end({ records }: InstallParts, ids: readonly string[]): Promise<void> {
  const there = (await Promise.all(ids.map((id) => stored(records, 'Subscription', id)))).filter(
    (one) => one !== undefined,
  );
  if (there.length > 0)
    await records.transact(
      LOCAL_CALLER,
      there.map((one) => put({ ...one, status: 'off' })),
    );
}

async function schedule(
  { schedules }: InstallParts,
  id: string,
  wanted: BotResources['schedules'],
): Promise<void> {
  const names = new Set(wanted.map(({ name }) => name));
  for (const name of await schedules.names(`bot/${id}/`)) if (!names.has(name)) await schedules.remove(name);
  for (const one of wanted) await schedules.put(one);
}

const put = (value: Resource) =>
  ({ kind: 'update', type: value.resourceType, id: value.id!, resource: { value, exact: value } }) as const;
