import type { Language } from '../templates.ts';

const language: Language = {
  locale: 'es-ES',
  footer: 'Este mensaje es automático. Nadie lee las respuestas.',
  signIn: 'Iniciar sesión: {portal}',
  words: {
    'appointment-booked': {
      subject: 'Cita reservada',
      text: 'Hay una cita reservada: {start}.',
      inside: '[Lugar: {place}.]',
    },
    'appointment-moved': {
      subject: 'Cita cambiada',
      text: 'Una cita ha cambiado de hora. Ahora es: {start}.[ Antes: {before}.]',
      inside: '[Lugar: {place}.]',
    },
    'appointment-cancelled': { subject: 'Cita cancelada', text: 'Se ha cancelado la cita: {start}.' },
    'appointment-reminder': {
      subject: 'Recordatorio de su cita',
      text: 'Tiene una cita: {start}.',
      inside: '[Lugar: {place}.]',
    },
    'emergency-raised': {
      subject: 'Llamada de emergencia',
      text: 'Ha llegado una llamada de auxilio. Inicie sesión ahora y envíe un equipo.',
      inside: '[Lugar: {place}.]',
    },
    'emergency-assigned': {
      subject: 'Emergencia: se le ha asignado',
      text: 'Se le ha asignado una emergencia. Inicie sesión ahora.',
      inside: '[Lugar: {place}.]',
    },
    'help-coming': {
      subject: 'La ayuda está en camino',
      text: 'Se ha enviado un equipo. La ayuda está en camino.',
    },
    'result-available': {
      subject: 'Hay un resultado disponible',
      text: 'Hay un resultado disponible. Inicie sesión para leerlo.',
      inside: '[{what}.]',
    },
    'result-changed': {
      subject: 'Se ha corregido un resultado',
      text: 'Se ha corregido o ampliado un resultado. Inicie sesión para leerlo.',
      inside: '[{what}.]',
    },
    'study-available': {
      subject: 'Hay imágenes disponibles',
      text: 'Hay imágenes disponibles. Inicie sesión para verlas.',
      inside: '[{what}.]',
    },
    'study-unmatched': {
      subject: 'Imágenes de un paciente desconocido',
      text: 'Han llegado imágenes y no se sabe de quién son. Inicie sesión y averígüelo.',
    },
    'prescription-signed': {
      subject: 'Hay una receta lista',
      text: 'Se ha firmado una receta. Inicie sesión para leerla.',
      inside: '[{what}.]',
    },
    'prescription-dispensed': {
      subject: 'Se ha entregado un medicamento',
      text: 'Se ha entregado un medicamento con receta. Inicie sesión para saber más.',
      inside: '[{what}.]',
    },
    'invoice-issued': {
      subject: 'Hay una factura disponible',
      text: 'Hay una factura disponible. Inicie sesión para verla y pagarla.',
      inside: '[Importe: {amount}.]',
    },
    'payment-received': {
      subject: 'Pago recibido',
      text: 'Hemos recibido su pago. Gracias.',
      inside: '[Importe: {amount}.]',
    },
    'payment-refunded': {
      subject: 'Pago devuelto',
      text: 'Se le ha devuelto un pago.',
      inside: '[Importe: {amount}.]',
    },
    'claim-decided': {
      subject: 'Su aseguradora ha decidido',
      text: 'Su aseguradora ha decidido sobre una reclamación. Inicie sesión para saber más.',
      inside: '[Su parte: {amount}.]',
    },
    message: { subject: 'Tiene un mensaje', text: 'Tiene un mensaje nuevo. Inicie sesión para leerlo.' },
  },
};
export default language;
