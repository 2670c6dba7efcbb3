import type { Language } from '../templates.ts';

const language: Language = {
  locale: 'fr-FR',
  footer: 'Ce message est automatique. Personne ne lit les réponses.',
  signIn: 'Se connecter : {portal}',
  words: {
    'appointment-booked': {
      subject: 'Rendez-vous fixé',
      text: 'Un rendez-vous est fixé : {start}.',
      inside: '[Lieu : {place}.]',
    },
    'appointment-moved': {
      subject: 'Rendez-vous déplacé',
      text: 'Un rendez-vous a été déplacé. Nouvelle date : {start}.[ Auparavant : {before}.]',
      inside: '[Lieu : {place}.]',
    },
    'appointment-cancelled': {
      subject: 'Rendez-vous annulé',
      text: 'Le rendez-vous suivant a été annulé : {start}.',
    },
    'appointment-reminder': {
      subject: 'Rappel de votre rendez-vous',
      text: 'Vous avez un rendez-vous : {start}.',
      inside: '[Lieu : {place}.]',
    },
    'emergency-raised': {
      subject: 'Appel d’urgence',
      text: 'Un appel à l’aide est arrivé. Connectez-vous immédiatement et envoyez une équipe.',
      inside: '[Lieu : {place}.]',
    },
    'emergency-assigned': {
      subject: 'Urgence : elle vous est confiée',
      text: 'Une urgence vous est confiée. Connectez-vous immédiatement.',
      inside: '[Lieu : {place}.]',
    },
    'help-coming': {
      subject: 'Les secours arrivent',
      text: 'Une équipe a été envoyée vers vous. Les secours arrivent.',
    },
    'result-available': {
      subject: 'Un résultat est disponible',
      text: 'Un résultat est disponible. Connectez-vous pour le lire.',
      inside: '[{what}.]',
    },
    'result-changed': {
      subject: 'Un résultat a été corrigé',
      text: 'Un résultat a été corrigé ou complété. Connectez-vous pour le lire.',
      inside: '[{what}.]',
    },
    'study-available': {
      subject: 'Des images sont disponibles',
      text: 'Des images sont disponibles. Connectez-vous pour les voir.',
      inside: '[{what}.]',
    },
    'study-unmatched': {
      subject: 'Images d’un patient inconnu',
      text: 'Des images sont arrivées, et on ne sait pas à qui elles sont. Connectez-vous pour le chercher.',
    },
    'prescription-signed': {
      subject: 'Une ordonnance est prête',
      text: 'Une ordonnance a été signée. Connectez-vous pour la lire.',
      inside: '[{what}.]',
    },
    'prescription-dispensed': {
      subject: 'Un médicament a été délivré',
      text: 'Un médicament a été délivré sur ordonnance. Connectez-vous pour en savoir plus.',
      inside: '[{what}.]',
    },
    'invoice-issued': {
      subject: 'Une facture est disponible',
      text: 'Une facture est disponible. Connectez-vous pour la voir et la payer.',
      inside: '[Montant : {amount}.]',
    },
    'payment-received': {
      subject: 'Paiement reçu',
      text: 'Nous avons reçu votre paiement. Merci.',
      inside: '[Montant : {amount}.]',
    },
    'payment-refunded': {
      subject: 'Paiement remboursé',
      text: 'Un paiement vous a été remboursé.',
      inside: '[Montant : {amount}.]',
    },
    'claim-decided': {
      subject: 'Votre assurance a décidé',
      text: 'Votre assurance a décidé d’une demande de remboursement. Connectez-vous pour en savoir plus.',
      inside: '[Votre part : {amount}.]',
    },
    message: {
      subject: 'Vous avez un message',
      text: 'Vous avez un nouveau message. Connectez-vous pour le lire.',
    },
  },
};
export default language;
