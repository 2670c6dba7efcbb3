import type { Variable } from './variable.ts';

/** Variables about telling of events. */
export const SUBSCRIPTION_VARIABLES = [
  {
    name: 'SUBSCRIPTION_ALLOW',
    type: 'comma-separated http or https origins',
    default: '',
    meaning:
      'Receivers of notifications that need not be public addresses nor https; ports of the server itself never are',
  },
  {
    name: 'SUBSCRIPTION_RECIPIENTS',
    type: 'comma-separated addresses, @domains, +numbers, or *',
    default: '',
    meaning: 'Who may be told of events by mail and short message; unset: nobody, these channels are refused',
  },
  {
    name: 'SUBSCRIPTION_RETENTION_DAYS',
    type: 'days, 1 to 3650',
    default: '30',
    meaning: 'How long events of Subscriptions are kept, delivered or not',
  },
  {
    name: 'SUBSCRIPTION_IDLE_HOURS',
    type: 'hours, 1 to 8760',
    default: '72',
    meaning:
      'How long a Subscription by WebSocket to which nobody connects is kept up; then it is switched off',
  },
  {
    name: 'SMS_URL',
    type: 'https:// URL with account and token',
    default: '',
    meaning: 'Gateway for short messages, which takes them as Twilio does; unset: none are sent',
  },
  {
    name: 'SMS_FROM',
    type: 'telephone number or name',
    default: '',
    meaning: 'Sender of short messages; needed with SMS_URL',
  },
] as const satisfies readonly Variable[];
