/** People are reached by addresses and numbers; both in the form that they are compared by. */
export type Recipient = { kind: 'mail'; address: string } | { kind: 'telephone'; number: string };

const ADDRESS_CHARS_MAX = 254;
const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const NUMBER = /^\+[1-9]\d{5,14}$/;

/** Reads `mailto:nurse@clinic.example` (RFC 6068) of one address, without more. */
export function mailRecipient(endpoint: string): Recipient | undefined {
  const [, encoded = ''] = /^mailto:([^?]*)$/i.exec(endpoint) ?? [];
  const address = decoded(encoded);
  return ADDRESS.test(address) && address.length <= ADDRESS_CHARS_MAX ? { kind: 'mail', address } : undefined;
}

/** Reads `tel:+41-44-668-18-00` (RFC 3966): a number with its country. */
export function telephoneRecipient(endpoint: string): Recipient | undefined {
  const [, written = ''] = /^tel:([^;]*)$/i.exec(endpoint) ?? [];
  const number = written.replace(/[-.()]/g, '');
  return NUMBER.test(number) ? { kind: 'telephone', number } : undefined;
}

/** Whom the operator lets subscribers have told: addresses, `@domain`, beginnings of telephone numbers, `*` for all. */
export class Recipients {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowed of SUBSCRIPTION_RECIPIENTS */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map((one) => one.toLowerCase()));
  }

  get isEmpty(): boolean {
    return this.#allowed.size === 0;
  }

  allow(recipient: Recipient): boolean {
    if (this.#allowed.has('*')) return true;
    if (recipient.kind === 'telephone')
      return [...this.#allowed].some((one) => one.startsWith('+') && recipient.number.startsWith(one));
    const address = recipient.address.toLowerCase();
    return this.#allowed.has(address) || this.#allowed.has(address.slice(address.lastIndexOf('@')));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // no address: said by whoever asked
  }
}
