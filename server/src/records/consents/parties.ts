import type { CareTeam, Organization, PractitionerRole } from '@medplum/fhirtypes';
import type { Condition } from '../../fhir/search/ast.ts';
import type { Store } from '../../store/store.ts';
import { isNow } from '../callers/belongings.ts';
import type { Consents } from './consents.ts';

/** Organisations that one may be part of, one of another. */
const ORGANIZATION_DEPTH_MAX = 10;

type PartiesStore = Pick<Store, 'reader' | 'searcher' | 'database' | 'definitions'>;

/** Finds out as whom consents may name somebody. */
export class Parties {
  readonly #store: PartiesStore;
  readonly #consents: Pick<Consents, 'namedOf'>;

  constructor(store: PartiesStore, consents: Pick<Consents, 'namedOf'>) {
    this.#store = store;
    this.#consents = consents;
  }

  /**
   * The profile, the practitioner's present roles with their codes, their organisations and what these are part of, and those of
   * the care teams that some Consent names.
   *
   * @param profile `Practitioner/1`
   */
  async of(profile: string | undefined, roles: readonly PractitionerRole[]): Promise<Set<string>> {
    const is = new Set<string>(profile === undefined ? [] : [profile]);
    for (const { id, code = [], organization } of roles) {
      is.add(`PractitionerRole/${id}`);
      for (const { coding = [] } of code) for (const one of coding) is.add(`${one.system}|${one.code}`);
      await this.#addOrganization(is, organization?.reference, 1);
    }
    for (const team of await this.#teams(is)) is.add(team);
    return is;
  }

  async #addOrganization(is: Set<string>, reference: string | undefined, depth: number): Promise<void> {
    if (reference === undefined || is.has(reference) || depth > ORGANIZATION_DEPTH_MAX) return;
    is.add(reference);
    const [type, id] = reference.split('/');
    const isPartOf =
      type === 'Organization' && id !== undefined && this.#consents.namedOf('Organization/').length > 0;
    const found = isPartOf ? await this.#store.reader.read(type, id) : undefined;
    const { partOf } = found?.content ? (JSON.parse(found.content) as Organization) : {};
    await this.#addOrganization(is, partOf?.reference, depth + 1);
  }

  async #teams(is: ReadonlySet<string>): Promise<string[]> {
    const ids = this.#consents.namedOf('CareTeam/').map((one) => one.slice('CareTeam/'.length));
    const members = [...is].filter((one) => MEMBERS.test(one));
    if (ids.length === 0 || members.length === 0) return [];
    const { searcher, database, definitions } = this.#store;
    const parameter = definitions.searchParameter('CareTeam', 'participant')!;
    const conditions: Condition[] = [
      { kind: 'id', ids },
      { kind: 'reference', parameter, references: members.map((value) => ({ value })) },
    ];
    const wanted = { limit: ids.length, withContent: true };
    const found = await searcher.criteriaMatches({ type: 'CareTeam', conditions, sort: [] }, wanted, (one) =>
      database.search(one),
    );
    const teams = found.map(({ content }) => JSON.parse(content!) as CareTeam);
    return teams.filter((team) => isMember(team, is)).map(({ id }) => `CareTeam/${id}`);
  }
}

const MEMBERS = /^(Practitioner|PractitionerRole|Organization|Patient|RelatedPerson)\//;

const isMember = ({ status = 'active', participant = [] }: CareTeam, is: ReadonlySet<string>): boolean =>
  status === 'active' &&
  participant.some(({ member, period }) => is.has(member?.reference ?? '') && isNow(period));
