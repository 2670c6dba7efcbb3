import type { Language } from '../templates.ts';

const language: Language = {
  locale: 'en-GB',
  footer: 'This message was made automatically. Nobody reads answers to it.',
  signIn: 'Sign in: {portal}',
  words: {
    'appointment-booked': {
      subject: 'Appointment booked',
      text: 'An appointment is booked for {start}.',
      inside: '[Where: {place}.]',
    },
    'appointment-moved': {
      subject: 'Appointment moved',
      text: 'An appointment has been moved. It is now on {start}.[ Before: {before}.]',
      inside: '[Where: {place}.]',
    },
    'appointment-cancelled': {
      subject: 'Appointment cancelled',
      text: 'The appointment on {start} has been cancelled.',
    },
    'appointment-reminder': {
      subject: 'Reminder of your appointment',
      text: 'You have an appointment on {start}.',
      inside: '[Where: {place}.]',
    },
    'emergency-raised': {
      subject: 'Emergency call',
      text: 'A call for help has come in. Sign in now and send a crew.',
      inside: '[Where: {place}.]',
    },
    'emergency-assigned': {
      subject: 'Emergency: you are assigned',
      text: 'You are assigned to an emergency. Sign in now.',
      inside: '[Where: {place}.]',
    },
    'help-coming': {
      subject: 'Help is on its way',
      text: 'A crew has been sent to you. Help is on its way.',
    },
    'result-available': {
      subject: 'A result is available',
      text: 'A result is available. Sign in to read it.',
      inside: '[{what}.]',
    },
    'result-changed': {
      subject: 'A result has been corrected',
      text: 'A result has been corrected or added to. Sign in to read it.',
      inside: '[{what}.]',
    },
    'study-available': {
      subject: 'Images are available',
      text: 'Images are available. Sign in to look at them.',
      inside: '[{what}.]',
    },
    'study-unmatched': {
      subject: 'Images of an unknown patient',
      text: 'Images have come in, and it is not known whose they are. Sign in and find out.',
    },
    'prescription-signed': {
      subject: 'A prescription is ready',
      text: 'A prescription has been signed. Sign in to read it.',
      inside: '[{what}.]',
    },
    'prescription-dispensed': {
      subject: 'A medication was handed out',
      text: 'A medication has been handed out on a prescription. Sign in to read more.',
      inside: '[{what}.]',
    },
    'invoice-issued': {
      subject: 'An invoice is available',
      text: 'An invoice is available. Sign in to see and pay it.',
      inside: '[Amount: {amount}.]',
    },
    'payment-received': {
      subject: 'Payment received',
      text: 'We have received your payment. Thank you.',
      inside: '[Amount: {amount}.]',
    },
    'payment-refunded': {
      subject: 'Payment refunded',
      text: 'A payment has been refunded to you.',
      inside: '[Amount: {amount}.]',
    },
    'claim-decided': {
      subject: 'Your insurer has decided',
      text: 'Your insurer has decided on a claim. Sign in to read more.',
      inside: '[Your share: {amount}.]',
    },
    message: { subject: 'You have a message', text: 'You have a new message. Sign in to read it.' },
  },
};
export default language;
