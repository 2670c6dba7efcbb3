/** What can be said. Values in braces are put in; what stands in brackets is left out where its value is missing. */
export const TEMPLATES = [
  'appointment-booked',
  'appointment-moved',
  'appointment-cancelled',
  'appointment-reminder',
  'emergency-raised',
  'emergency-assigned',
  'help-coming',
  'result-available',
  'result-changed',
  'study-available',
  'study-unmatched',
  'prescription-signed',
  'prescription-dispensed',
  'invoice-issued',
  'payment-received',
  'payment-refunded',
  'claim-decided',
  'message',
] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export const isTemplate = (name: string | undefined): name is TemplateName =>
  TEMPLATES.some((template) => template === name);

/** What is put into a template: words, an instant, an amount of money. */
export type Values = Record<string, string | { at: string } | { amount: number; currency: string }>;

/** One message in one language. Subject and text are read on any screen and by any carrier: nothing clinical, nobody's name. */
export interface Words {
  subject: string;
  text: string;
  /** Told besides where only the person reads it: in the app, after signing in. */
  inside?: string;
}

/** All that is said in one language. */
export interface Language {
  /** BCP 47, for formats of dates and amounts. */
  locale: string;
  /** Ends a mail. */
  footer: string;
  /** In mail and text messages, where there is a portal. */
  signIn: string;
  words: Record<TemplateName, Words>;
}
