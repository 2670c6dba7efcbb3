import type { BridgeClient } from '../bridge/bridgeClient.ts';
import type { ListedInstance } from '../studies.ts';
import { notThere } from '../studies.ts';

const STUDY_INSTANCE_UID = '0020000D';
const SERIES_INSTANCE_UID = '0020000E';
/** Objects whose place is remembered. */
const PLACES_MAX = 50_000;

/**
 * Where objects really belong, by what they say themselves. Who may write ImagingStudies could list the image of somebody else in one: so each object is asked once, and
 * what it says never changes.
 */
export class ObjectPlaces {
  readonly #bridge: Pick<BridgeClient, 'metadata'>;
  /** `study/series` by SOP Instance UID, those that were asked for longest ago first. */
  readonly #places = new Map<string, string>();

  constructor(bridge: Pick<BridgeClient, 'metadata'>) {
    this.#bridge = bridge;
  }

  /** @throws FhirError `not-found` where the object is of another study or series than the one that lists it; BridgeError */
  async require(study: string, listed: ListedInstance, signal: AbortSignal): Promise<void> {
    const place = await this.#placeOf(listed.sopInstanceUid, signal);
    if (place !== placeOf(study, listed.seriesInstanceUid)) throw notThere();
  }

  async #placeOf(sopInstanceUid: string, signal: AbortSignal): Promise<string> {
    const known = this.#places.get(sopInstanceUid);
    if (known !== undefined) {
      this.#places.delete(sopInstanceUid);
      this.#places.set(sopInstanceUid, known);
      return known;
    }
    const dataSet = await this.#bridge.metadata(sopInstanceUid, { signal });
    const uidOf = (tag: string) => String(dataSet[tag]?.Value?.[0]);
    const place = placeOf(uidOf(STUDY_INSTANCE_UID), uidOf(SERIES_INSTANCE_UID));
    this.#places.set(sopInstanceUid, place);
    if (this.#places.size > PLACES_MAX) this.#places.delete(this.#places.keys().next().value!);
    return place;
  }
}

const placeOf = (study: string, series: string): string => `${study}/${series}`;
