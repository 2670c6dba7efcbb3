import dimse from 'dcmjs-dimse';
import { OutgoingAssociation } from '../../src/dimse/outgoingAssociation.ts';
import { PLAIN_SYNTAXES, VERIFICATION } from '../../src/dimse/syntaxes.ts';

export interface Bystander {
  /** The status of an echo. @throws when it is not answered */
  echo(): Promise<number>;
  leave(): Promise<void>;
}

/** A peer that does nothing wrong, and whose association stays open. */
export async function standBy(port: number, callingAeTitle: string, called: string): Promise<Bystander> {
  const association = await OutgoingAssociation.open({
    destination: { aeTitle: called, host: '127.0.0.1', port },
    callingAeTitle,
    proposals: [{ abstractSyntaxUid: VERIFICATION, transferSyntaxUids: PLAIN_SYNTAXES }],
  });
  return {
    echo: async () => {
      const [context] = association.contexts;
      const request = new dimse.requests.CEchoRequest();
      return (await association.invoke({ request, context: context! })).getStatus();
    },
    leave: () => association.release(),
  };
}
