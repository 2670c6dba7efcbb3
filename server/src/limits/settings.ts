/** Units in a minute; 0: as many as they like. */
export interface RateLimitSettings {
  /** Of one address (IPv6: of one /64): requests without a valid access token. */
  addressPerMinute: number;
  userPerMinute: number;
  clientPerMinute: number;
  /** Whether requests from this machine itself are limited too: where all seem to come from a proxy that is not known as one. */
  limitsLoopback: boolean;
}
