import type { Resource } from '../fhir/resource.ts';
import type { JsonObject } from '../fhir/resource.ts';

/** Whether a Bot is switched off (`valueBoolean`): what would run it is passed over. */
export const OFF_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-bot-off';
/** An origin that a bot from outside may reach by `fetch` (`valueUri`); once for each. */
export const ALLOW_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-bot-allow';
/** Name of a secret of BOT_SECRETS_FILE that the bot is given (`valueString`); once for each. */
export const SECRET_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-bot-secret';
/** Heap of its process in MiB (`valuePositiveInt`). */
export const MEMORY_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-bot-memory';
/** IANA name of the zone of Bot.cronString (`valueString`); absent: UTC. */
export const TIME_ZONE_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-bot-time-zone';

/** How long a run may take where Bot.timeout does not say, and at most; in milliseconds. */
export const BOT_TIMEOUT_MS = 30_000;
export const BOT_TIMEOUT_MS_MAX = 300_000;
/** Heap of a process where nothing is said, and at most; in MiB. */
export const BOT_MEMORY_MB = 128;
export const BOT_MEMORY_MB_MAX = 1_024;
/** A heap that is smaller does not hold MedplumClient. */
const BOT_MEMORY_MB_MIN = 32;

/** A Bot as it was understood. */
export interface Bot {
  id: string;
  name: string | undefined;
  isOff: boolean;
  /** Whether who has not signed in may have it run. */
  isPublicWebhook: boolean;
  /** Whether it is given JSON as it was sent. */
  takesRawBody: boolean;
  timeoutMs: number;
  memoryMb: number;
  /** Origins. */
  allow: string[];
  /** Names. */
  secrets: string[];
  /** Id of the Binary with what runs; absent: nothing was deployed. */
  code: string | undefined;
  cron: { text: string; timeZone?: string } | undefined;
}

/** @param resource plain JSON of a Bot whose structure is valid */
export function readBot(resource: Resource): Bot {
  const { id, name, timeout, executableCode, cronString } = resource;
  const [timeZone] = extensionValues(resource, TIME_ZONE_EXTENSION, 'valueString');
  const [memoryMb] = extensionValues(resource, MEMORY_EXTENSION, 'valuePositiveInt');
  return {
    id: id!,
    name: name as string | undefined,
    isOff: extensionValues(resource, OFF_EXTENSION, 'valueBoolean').includes(true),
    isPublicWebhook: resource.publicWebhook === true,
    takesRawBody: resource.rawBody === true,
    timeoutMs: within(timeout, BOT_TIMEOUT_MS / 1_000, 1, BOT_TIMEOUT_MS_MAX / 1_000) * 1_000,
    memoryMb: within(memoryMb, BOT_MEMORY_MB, BOT_MEMORY_MB_MIN, BOT_MEMORY_MB_MAX),
    allow: extensionValues(resource, ALLOW_EXTENSION, 'valueUri').flatMap(originOf),
    secrets: extensionValues(resource, SECRET_EXTENSION, 'valueString').map(String),
    code: binaryOf(executableCode as JsonObject | undefined),
    cron:
      typeof cronString === 'string'
        ? { text: cronString, ...(typeof timeZone === 'string' && { timeZone }) }
        : undefined,
  };
}

function extensionValues({ extension }: Resource, url: string, value: string): unknown[] {
  const all = Array.isArray(extension) ? (extension as JsonObject[]) : [];
  return all.filter((one) => one.url === url).map((one) => one[value]);
}

const within = (value: unknown, usual: number, min: number, max: number): number =>
  typeof value === 'number' ? Math.min(Math.max(value, min), max) : usual;

const originOf = (value: unknown): string[] =>
  typeof value === 'string' && URL.canParse(value) ? [new URL(value).origin] : [];

const binaryOf = (attachment: JsonObject | undefined): string | undefined =>
  typeof attachment?.url === 'string'
    ? /^Binary\/([A-Za-z0-9\-.]{1,64})$/.exec(attachment.url)?.[1]
    : undefined;
