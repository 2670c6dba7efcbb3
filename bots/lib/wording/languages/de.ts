import type { Language } from '../templates.ts';

const language: Language = {
  locale: 'de-DE',
  footer: 'Diese Nachricht wurde automatisch erstellt. Antworten darauf liest niemand.',
  signIn: 'Anmelden: {portal}',
  words: {
    'appointment-booked': {
      subject: 'Termin gebucht',
      text: 'Ein Termin ist gebucht: {start}.',
      inside: '[Wo: {place}.]',
    },
    'appointment-moved': {
      subject: 'Termin verschoben',
      text: 'Ein Termin wurde verschoben. Er ist jetzt am {start}.[ Bisher: {before}.]',
      inside: '[Wo: {place}.]',
    },
    'appointment-cancelled': { subject: 'Termin abgesagt', text: 'Der Termin am {start} wurde abgesagt.' },
    'appointment-reminder': {
      subject: 'Erinnerung an Ihren Termin',
      text: 'Sie haben einen Termin am {start}.',
      inside: '[Wo: {place}.]',
    },
    'emergency-raised': {
      subject: 'Notruf',
      text: 'Ein Notruf ist eingegangen. Melden Sie sich sofort an und schicken Sie ein Team.',
      inside: '[Wo: {place}.]',
    },
    'emergency-assigned': {
      subject: 'Notfall: Sie sind eingeteilt',
      text: 'Sie sind für einen Notfall eingeteilt. Melden Sie sich sofort an.',
      inside: '[Wo: {place}.]',
    },
    'help-coming': {
      subject: 'Hilfe ist unterwegs',
      text: 'Ein Team wurde zu Ihnen geschickt. Hilfe ist unterwegs.',
    },
    'result-available': {
      subject: 'Ein Befund liegt vor',
      text: 'Ein Befund liegt vor. Melden Sie sich an, um ihn zu lesen.',
      inside: '[{what}.]',
    },
    'result-changed': {
      subject: 'Ein Befund wurde berichtigt',
      text: 'Ein Befund wurde berichtigt oder ergänzt. Melden Sie sich an, um ihn zu lesen.',
      inside: '[{what}.]',
    },
    'study-available': {
      subject: 'Bilder liegen vor',
      text: 'Bilder liegen vor. Melden Sie sich an, um sie zu sehen.',
      inside: '[{what}.]',
    },
    'study-unmatched': {
      subject: 'Bilder ohne Patient',
      text: 'Es sind Bilder eingegangen, von denen nicht bekannt ist, wessen Bilder es sind. Melden Sie sich an und klären Sie es.',
    },
    'prescription-signed': {
      subject: 'Ein Rezept ist ausgestellt',
      text: 'Ein Rezept wurde unterschrieben. Melden Sie sich an, um es zu lesen.',
      inside: '[{what}.]',
    },
    'prescription-dispensed': {
      subject: 'Ein Medikament wurde abgegeben',
      text: 'Auf ein Rezept wurde ein Medikament abgegeben. Melden Sie sich an, um mehr zu lesen.',
      inside: '[{what}.]',
    },
    'invoice-issued': {
      subject: 'Eine Rechnung liegt vor',
      text: 'Eine Rechnung liegt vor. Melden Sie sich an, um sie zu sehen und zu bezahlen.',
      inside: '[Betrag: {amount}.]',
    },
    'payment-received': {
      subject: 'Zahlung eingegangen',
      text: 'Ihre Zahlung ist eingegangen. Vielen Dank.',
      inside: '[Betrag: {amount}.]',
    },
    'payment-refunded': {
      subject: 'Zahlung erstattet',
      text: 'Eine Zahlung wurde Ihnen erstattet.',
      inside: '[Betrag: {amount}.]',
    },
    'claim-decided': {
      subject: 'Ihre Versicherung hat entschieden',
      text: 'Ihre Versicherung hat über eine Abrechnung entschieden. Melden Sie sich an, um mehr zu lesen.',
      inside: '[Ihr Anteil: {amount}.]',
    },
    message: {
      subject: 'Sie haben eine Nachricht',
      text: 'Sie haben eine neue Nachricht. Melden Sie sich an, um sie zu lesen.',
    },
  },
};
export default language;
