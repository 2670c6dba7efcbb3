import dimse from 'dcmjs-dimse';
import { OutgoingAssociation, type Destination } from '../dimse/outgoingAssociation.ts';
import { PLAIN_SYNTAXES, VERIFICATION } from '../dimse/syntaxes.ts';

/** A unit that takes longer is not there for anybody who waits. */
const ECHO_TIMES = { openMs: 10_000, responseMs: 10_000, releaseMs: 2_000 };

/** Whether a peer answers a C-ECHO (PS3.4 annex A). Never rejects. */
export async function isAnsweringEcho(
  destination: Destination,
  callingAeTitle: string,
  signal: AbortSignal,
): Promise<boolean> {
  const proposals = [{ abstractSyntaxUid: VERIFICATION, transferSyntaxUids: PLAIN_SYNTAXES }];
  let association: OutgoingAssociation | undefined;
  try {
    const times = ECHO_TIMES;
    association = await OutgoingAssociation.open({ destination, callingAeTitle, proposals, times, signal });
    const [context] = association.contexts;
    if (!context) return true; // it takes associations, and has no use for echoes
    const response = await association.invoke({ request: new dimse.requests.CEchoRequest(), context });
    return response.getStatus() === dimse.constants.Status.Success;
  } catch {
    return false; // that it does not answer is what was asked
  } finally {
    await association?.release();
  }
}
