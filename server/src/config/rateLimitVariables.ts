import type { Variable } from './variable.ts';

/** Those that say how often somebody may ask, and who that is. */
export const RATE_LIMIT_VARIABLES = [
  {
    name: 'TRUST_PROXY',
    type: 'comma-separated IP addresses, networks, loopback, private',
    default: '',
    meaning:
      'Proxies whose X-Forwarded-For says where a request comes from; unset: it comes from the other end of the connection',
  },
  {
    name: 'RATE_LIMIT_ADDRESS',
    type: 'whole number, 0 to 1000000000',
    default: '3000',
    meaning:
      'Requests in a minute from one address (IPv6: one /64) without a valid access token, sign-in included; 0: no limit',
  },
  {
    name: 'RATE_LIMIT_USER',
    type: 'whole number, 0 to 1000000000',
    default: '12000',
    meaning: 'Units in a minute that a user may spend; a read is one; 0: no limit',
  },
  {
    name: 'RATE_LIMIT_CLIENT',
    type: 'whole number, 0 to 1000000000',
    default: '120000',
    meaning: 'Units in a minute that a client may spend, for all its users together; 0: no limit',
  },
  {
    name: 'RATE_LIMIT_SHARED',
    type: 'true or false',
    default: 'false',
    meaning:
      'Whether servers of one store count together: by REDIS_URL where it is set, else by the database',
  },
  {
    name: 'REDIS_URL',
    type: 'redis:// or rediss:// URL',
    default: '',
    meaning:
      'Redis that wakes deliveries and schedules; with RATE_LIMIT_SHARED servers also count rate limits by it',
  },
] as const satisfies readonly Variable[];
