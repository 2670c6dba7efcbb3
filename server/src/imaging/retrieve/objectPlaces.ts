import type { BridgeClient } from '../bridge/bridgeClient.ts';
import type { DicomJson } from '../dicomJson.ts';
import { notThere, type ListedInstance } from '../studies.ts';

const STUDY_INSTANCE_UID = '0020000D';
const SERIES_INSTANCE_UID = '0020000E';
const PLACE = [STUDY_INSTANCE_UID, SERIES_INSTANCE_UID];
/** Objects whose place is remembered. */
const PLACES_MAX = 50_000;

/**
 * Where objects really belong, by what they say themselves. Who may write ImagingStudies could list the image of somebody else in one: so each object is asked, and
 * what it says is remembered. Only by erasure does a UID become free for an object of another study: what does not agree is asked anew.
 */
export class ObjectPlaces {
  readonly #bridge: Pick<BridgeClient, 'elements'>;
  /** `study/series` by SOP Instance UID, those that were asked for longest ago first. */
  readonly #places = new Map<string, string>();

  constructor(bridge: Pick<BridgeClient, 'elements'>) {
    this.#bridge = bridge;
  }

  /** @throws FhirError `not-found` where the object is of another study or series than the one that lists it; BridgeError */
  async require(study: string, listed: ListedInstance, signal: AbortSignal): Promise<void> {
    const { sopInstanceUid } = listed;
    const known = this.#places.get(sopInstanceUid);
    if (known === placeIn(study, listed)) this.#remember(sopInstanceUid, known);
    else this.requireIn(await this.#bridge.elements(sopInstanceUid, PLACE, { signal }), study, listed);
  }

  /** The same where the object's data set is at hand. */
  requireIn(dataSet: DicomJson, study: string, listed: ListedInstance): void {
    const uidOf = (tag: string) => String(dataSet[tag]?.Value?.[0]);
    const place = placeOf(uidOf(STUDY_INSTANCE_UID), uidOf(SERIES_INSTANCE_UID));
    this.#remember(listed.sopInstanceUid, place);
    if (place !== placeIn(study, listed)) throw notThere();
  }

  #remember(sopInstanceUid: string, place: string): void {
    this.#places.delete(sopInstanceUid);
    this.#places.set(sopInstanceUid, place);
    if (this.#places.size > PLACES_MAX) this.#places.delete(this.#places.keys().next().value!);
  }
}

const placeIn = (study: string, { seriesInstanceUid }: ListedInstance): string =>
  placeOf(study, seriesInstanceUid);

const placeOf = (study: string, series: string): string => `${study}/${series}`;
