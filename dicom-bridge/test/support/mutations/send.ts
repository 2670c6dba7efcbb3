import { createHash } from 'node:crypto';
import dimse from 'dcmjs-dimse';
import { OutgoingAssociation } from '../../../src/dimse/outgoingAssociation.ts';
import { MODALITY, type TestBridge } from '../bridge.ts';
import { DX_CLASS } from '../dicomObject.ts';
import type { Mutation } from './mutate.ts';

/** What came of a mutation. */
export interface Sent {
  says: string;
  /** Of C-STORE, hexadecimal; or `HTTP` and the status of an answer without one. */
  status: string;
  isHttp: boolean;
  sopInstanceUid: string;
  /** Of the data set, hexadecimal. */
  sha256: string;
}

/** Another object is known under the UID; another object than was said; no object; not as what was agreed; no file. */
const REFUSALS: ReadonlySet<string> = new Set(['111', 'a900', 'c000', '122', 'HTTP 400']);
const FRAGMENT_BYTES = 700;

/** Sends mutations, each transfer syntax on an association of its own. */
export class MutantSender {
  readonly #bridge: TestBridge;
  readonly #associations = new Map<string, OutgoingAssociation>();

  constructor(bridge: TestBridge) {
    this.#bridge = bridge;
  }

  isRefusal(status: string): boolean {
    return REFUSALS.has(status);
  }

  async send(mutation: Mutation): Promise<Sent> {
    const { says, dataSet, sopInstanceUid, isFile } = mutation;
    const sha256 = createHash('sha256').update(dataSet).digest('hex');
    const sent = { says, isHttp: isFile, sopInstanceUid, sha256 };
    return { ...sent, ...(isFile ? await this.#post(mutation) : { status: await this.#store(mutation) }) };
  }

  async leave(): Promise<void> {
    for (const association of this.#associations.values()) await association.release();
  }

  async #post({
    head,
    dataSet,
  }: Mutation): Promise<{ status: string; sopInstanceUid?: string; sha256?: string }> {
    const body = new Uint8Array(Buffer.concat([head, dataSet]));
    const answer = await this.#bridge.ask('/objects', {
      method: 'POST',
      headers: { 'X-Source': 'STOW' },
      body,
    });
    if (answer.status !== 200) {
      await answer.arrayBuffer();
      return { status: `HTTP ${answer.status}` };
    }
    const { status, sopInstanceUid } = (await answer.json()) as { status: number; sopInstanceUid: string };
    return { status: status.toString(16), sopInstanceUid };
  }

  async #store({ transferSyntaxUid, sopInstanceUid, dataSet }: Mutation): Promise<string> {
    const association = await this.#association(transferSyntaxUid);
    const request = new dimse.requests.CStoreRequest(undefined as unknown as string); // the data set goes beside it
    request.setAffectedSopClassUid(DX_CLASS);
    request.setAffectedSopInstanceUid(sopInstanceUid);
    const response = await association.invoke({
      request,
      context: association.contexts[0]!,
      dataSet: fragmentsOf(dataSet),
    });
    return response.getStatus().toString(16);
  }

  async #association(transferSyntaxUid: string): Promise<OutgoingAssociation> {
    const known = this.#associations.get(transferSyntaxUid);
    if (known) return known;
    const opened = await OutgoingAssociation.open({
      destination: { aeTitle: 'MAXRAY', host: '127.0.0.1', port: this.#bridge.dicomPort },
      callingAeTitle: MODALITY,
      proposals: [{ abstractSyntaxUid: DX_CLASS, transferSyntaxUids: [transferSyntaxUid] }],
    });
    this.#associations.set(transferSyntaxUid, opened);
    return opened;
  }
}

function* fragmentsOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += FRAGMENT_BYTES) yield bytes.subarray(at, at + FRAGMENT_BYTES);
}
