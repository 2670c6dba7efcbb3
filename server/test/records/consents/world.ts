import type { Consent } from '@medplum/fhirtypes';
import type { AccessContext } from '../../../src/access/context.ts';
import { LOCAL_CALLER, type Caller } from '../../../src/records/caller.ts';
import { ConsentedCallers, type MadeCaller } from '../../../src/records/consents/consentedCallers.ts';
import { Consents } from '../../../src/records/consents/consents.ts';
import type { Parties } from '../../../src/records/consents/parties.ts';
import { accessContext } from '../../../src/records/gate/policyCheck.ts';
import type { Asker } from '../../access/consent/judge.ts';
import { NOW } from '../../access/consent/randomConsents.ts';
import { accessOf, policy } from '../../access/support.ts';
import { GateWorld } from '../gate/world.ts';

/** Records with consents in force, and callers who are limited by them. */
export class ConsentWorld {
  readonly gate: GateWorld;
  readonly consents: Consents;
  /** The clock by which provisions are in force. */
  nowMs = NOW;
  /** Whether changes by other servers are heard. */
  isTrusted = true;
  readonly #context: AccessContext;
  #stored: string[] = [];

  private constructor(gate: GateWorld) {
    const { store } = gate;
    this.gate = gate;
    this.#context = accessContext(store);
    this.consents = new Consents({
      reader: store.consents,
      notices: store.consentNotices,
      trusted: () => this.isTrusted,
      base: store.index.ownBase!,
      nowMs: () => this.nowMs,
    });
  }

  static async open(): Promise<ConsentWorld> {
    return new ConsentWorld(await GateWorld.open({ validate: () => [] }));
  }

  /** These, and no others. */
  async replace(consents: readonly Consent[]): Promise<void> {
    for (const id of this.#stored) await this.gate.records.delete(LOCAL_CALLER, 'Consent', id);
    this.#stored = [];
    for (const consent of consents) await this.add(consent);
  }

  async add(consent: Consent): Promise<void> {
    this.#stored.push(consent.id!);
    await this.gate.put(consent as Consent & { id: string });
  }

  made(asker: Asker, finalOnly = false): MadeCaller {
    const interaction = ['search', 'read', 'vread', 'history', 'create', 'update', 'delete'] as const;
    const open = finalOnly
      ? [
          {
            resourceType: 'Observation',
            criteria: 'Observation?status=final',
            interaction: [...interaction],
          },
          ...['Patient', 'Encounter', 'Appointment', 'MedicationRequest', 'DocumentReference'].map(
            (resourceType) => ({ resourceType, interaction: [...interaction] }),
          ),
        ]
      : [{ resourceType: '*' }];
    const [profile = ''] = asker.is;
    return {
      caller: {
        id: `User/${profile}`,
        isAdministrator: false,
        access: accessOf(this.#context, [policy(...open)]),
        agent: {},
      },
      context: this.#context,
      profile,
      purposes: asker.purposes && new Set(asker.purposes),
      untilMs: Infinity,
      exempt: profile.startsWith('Patient/') ? [profile.slice(8)] : [],
    };
  }

  /** Somebody whom a policy lets do everything, or that with final observations only. */
  async caller(asker: Asker, finalOnly = false): Promise<Caller> {
    return this.callers(asker).of(this.made(asker, finalOnly));
  }

  callers(asker: Asker): ConsentedCallers {
    const parties = { of: () => Promise.resolve(new Set(asker.is)) } as unknown as Parties;
    const { consents, gate } = this;
    const belongings = { roles: () => Promise.resolve([]) };
    return new ConsentedCallers({ consents, notices: gate.store.consentNotices, parties, belongings });
  }

  close(): Promise<void> {
    return this.gate.close();
  }
}
