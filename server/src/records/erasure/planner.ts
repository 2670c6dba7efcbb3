import type { NamedHere } from '../../fhir/links/namedHere.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { ErasureFinder, NamePattern } from '../../store/erasure/finder.ts';
import type { FoundRow, Run } from '../../store/erasure/types.ts';
import { isWithoutTexts } from './auditContent.ts';
import type { ErasureJudge, Fate } from './judge.ts';
import type { ErasurePlan } from './plan.ts';

/** How far it is followed who refers to what is erased: a Provenance of a Provenance is the third round. */
const ROUNDS_MAX = 8;

export interface PlannerParts {
  finder: ErasureFinder;
  judge: ErasureJudge;
  named: NamedHere;
  /** `Patient/1` */
  patient: string;
  /** `Type/id` of resources of several patients that are to be erased all the same. */
  alsoErase: ReadonlySet<string>;
}

interface Erased {
  type: string;
  id: string;
}

/** As it is, or was before it was deleted. */
function resourceOf({ content, lastContent }: FoundRow): Resource | undefined {
  const text = content ?? lastContent;
  return text === null ? undefined : (JSON.parse(text) as Resource);
}

/** Finds out what an erasure has to do, and notes it in a plan. */
export class ErasurePlanner {
  readonly #parts: PlannerParts;
  readonly #plan: ErasurePlan;
  readonly #run: Run;
  readonly #lookUp: Run;
  readonly #name: NamePattern;
  #fresh: Erased[] = [];

  /** @param lookUp runs statements that go along indexes, whatever their tables hold */
  constructor(parts: PlannerParts, plan: ErasurePlan, run: Run, lookUp: Run = run) {
    this.#parts = parts;
    this.#plan = plan;
    this.#run = run;
    this.#lookUp = lookUp;
    const { patient, named } = parts;
    this.#name = { text: patient, pattern: named.patternOf([patient]) };
  }

  /** All that names the patient in any version, then all that refers to what is erased. */
  async all(): Promise<void> {
    const { finder } = this.#parts;
    for (const type of await finder.types()) {
      for await (const rows of finder.naming(this.#run, type, this.#name)) this.#judgeAll(type, rows, true);
    }
    await this.#patientItself();
    await this.#follow();
  }

  /** What was written at that time or later, once nobody writes any more. */
  async changedSince(since: Date): Promise<void> {
    const { finder } = this.#parts;
    for (const [type, rids] of await finder.changedSince(this.#run, since)) {
      const naming = await finder.namingAmong(this.#run, type, rids, this.#name);
      for await (const rows of finder.rows(this.#run, type, 'rid', rids))
        for (const row of rows) {
          this.#plan.forget(type, row.id);
          this.#judgeAll(type, [row], naming.has(row.rid));
        }
    }
    await this.#follow();
  }

  async #patientItself(): Promise<void> {
    const { finder, patient } = this.#parts;
    const id = patient.slice('Patient/'.length);
    const types = await finder.types();
    if (!types.includes('Patient')) return;
    for await (const rows of finder.rows(this.#run, 'Patient', 'self', [
      String(finder.selfKey('Patient', id)),
    ]))
      for (const row of rows)
        if (row.id === id) this.#decide('Patient', row, 'erase', [patient], resourceOf(row));
  }

  /** Round by round, until nothing more is erased. */
  async #follow(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX && this.#fresh.length > 0; round += 1) {
      const fresh = this.#fresh.splice(0);
      await this.#binaries(fresh);
      const { finder } = this.#parts;
      const targets = fresh.map(({ type, id }) => ({ type, self: finder.selfKey(type, id) }));
      for (const type of await finder.types()) {
        const rids = await finder.referrers(this.#lookUp, type, targets);
        const known = new Set(this.#plan.rids(type));
        const others = rids.filter((rid) => !known.has(rid));
        for await (const rows of finder.rows(this.#run, type, 'rid', others))
          this.#judgeAll(type, rows, false);
      }
      await this.#users(fresh);
    }
  }

  #judgeAll(type: string, rows: readonly FoundRow[], namesPatient: boolean): void {
    const { judge, patient } = this.#parts;
    for (const row of rows) {
      if (this.#plan.erased.get(type)?.has(row.id)) continue;
      const resource = resourceOf(row);
      if (!resource || (type === 'AuditEvent' && isWithoutTexts(resource))) continue;
      const links = judge.links(resource).filter((link) => link === patient || this.#plan.isErased(link));
      if (namesPatient) {
        // Where only superseded versions name the patient, it is of another now.
        const isOfPatient = links.includes(patient) || `${type}/${row.id}` === patient;
        this.#decide(
          type,
          row,
          isOfPatient ? judge.naming(resource, patient) : 'keep',
          [patient, ...links],
          resource,
        );
      } else if (links.length > 0) {
        const fate = judge.referring(resource, (name) => this.#plan.isErased(name));
        this.#decide(type, row, fate, links, resource);
      }
    }
  }

  #decide(type: string, row: FoundRow, fate: Fate, names: readonly string[], resource?: Resource): void {
    const { judge, alsoErase } = this.#parts;
    const name = `${type}/${row.id}`;
    if (fate === 'erase' || alsoErase.has(name)) {
      if (resource && judge.isHeld(resource)) this.#plan.held.add(name);
      if (this.#plan.erase(type, row.id, row.rid)) this.#fresh.push({ type, id: row.id });
      return;
    }
    if (fate === 'ask') this.#plan.shared.add(name);
    const isNow = row.content !== null && resource !== undefined && this.#namesAny(resource, names);
    this.#plan.keep(type, row.id, names, isNow);
  }

  #namesAny(resource: Resource, names: readonly string[]): boolean {
    return this.#parts.judge.links(resource).some((link) => names.includes(link));
  }

  /** Attachments: Binaries that nothing else has in its text. */
  async #binaries(fresh: readonly Erased[]): Promise<void> {
    const { finder, named } = this.#parts;
    const pattern = named.idPattern('Binary');
    const ids = new Set<string>();
    for (const [type, ofType] of Map.groupBy(fresh, (one) => one.type)) {
      const rids = ofType.map(({ id }) => this.#plan.erased.get(type)!.get(id)!);
      for (const id of await finder.binariesOf(this.#run, type, rids, pattern)) ids.add(id);
    }
    const open = [...ids].filter((id) => !this.#plan.isErased(`Binary/${id}`));
    if (open.length === 0) return;
    const used = await finder.binariesUsed(this.#run, open, pattern, (type) => this.#plan.rids(type));
    const selves = open.filter((id) => !used.has(id)).map((id) => String(finder.selfKey('Binary', id)));
    if (!(await finder.types()).includes('Binary')) return;
    for await (const rows of finder.rows(this.#run, 'Binary', 'self', selves)) {
      for (const row of rows) {
        this.#decide('Binary', row, 'erase', [], resourceOf(row));
      }
    }
  }

  /** Users whose last membership is erased. */
  async #users(fresh: readonly Erased[]): Promise<void> {
    const { finder, judge } = this.#parts;
    const memberships = fresh.filter(({ type }) => type === 'ProjectMembership');
    if (memberships.length === 0) return;
    const rids = memberships.map(({ id }) => this.#plan.erased.get('ProjectMembership')!.get(id)!);
    const users = new Set<string>();
    for await (const rows of finder.rows(this.#run, 'ProjectMembership', 'rid', rids)) {
      for (const { content } of rows) {
        const user = content === null ? undefined : judge.userOf(JSON.parse(content) as Resource);
        if (user?.startsWith('User/')) users.add(user.slice('User/'.length));
      }
    }
    const erased = new Set(this.#plan.rids('ProjectMembership'));
    const types = await finder.types();
    for (const id of types.includes('User') ? users : []) {
      const all = await finder.referrers(this.#lookUp, 'ProjectMembership', [
        { type: 'User', self: finder.selfKey('User', id) },
      ]);
      if (all.some((rid) => !erased.has(rid))) continue;
      for await (const rows of finder.rows(this.#run, 'User', 'self', [String(finder.selfKey('User', id))]))
        for (const row of rows) this.#decide('User', row, 'erase', []);
    }
  }
}
