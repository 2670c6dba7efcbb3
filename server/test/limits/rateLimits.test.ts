import { describe, expect, test } from '@jest/globals';
import { FhirError } from '../../src/fhir/outcome.ts';
import { BUCKETS_MAX, Buckets, GENERATION_MS } from '../../src/limits/buckets.ts';
import { neighbourhoodOf, networkOf } from '../../src/limits/network.ts';
import { RateLimits, type RateLimitsParts } from '../../src/limits/rateLimits.ts';
import type { Refused } from '../../src/limits/storeLimits.ts';

/** A clock that goes when it is told to. */
function clock() {
  let nowMs = 0;
  return { now: () => nowMs, pass: (ms: number) => void (nowMs += ms) };
}

describe('buckets', () => {
  test('hold what may be spent in a minute, and fill as fast', () => {
    const { now, pass } = clock();
    const buckets = new Buckets(false, now);
    for (let i = 0; i < 60; i++) expect(buckets.take('a', 60, 1)).toBe(0);
    expect(buckets.take('a', 60, 1)).toBe(1);
    expect(buckets.take('b', 60, 1)).toBe(0);
    pass(3_000);
    for (let i = 0; i < 3; i++) expect(buckets.take('a', 60, 1)).toBe(0);
    expect(buckets.take('a', 60, 1)).toBe(1);
    pass(3_600_000);
    for (let i = 0; i < 60; i++) expect(buckets.take('a', 60, 1)).toBe(0);
    expect(buckets.wait('a', 60)).toBe(1);
  });

  test('are owed what costs more than is left, and no more than a minute of it', () => {
    const { now, pass } = clock();
    const buckets = new Buckets(false, now);
    expect(buckets.take('a', 60, 80)).toBe(0);
    expect(buckets.take('a', 60, 1)).toBe(20);
    buckets.charge('a', 60, 10_000);
    expect(buckets.take('a', 60, 1)).toBe(60);
    pass(60_001);
    expect(buckets.take('a', 60, 1)).toBe(0);
  });

  test('are not charged for what is refused', () => {
    const { now, pass } = clock();
    const buckets = new Buckets(false, now);
    buckets.charge('a', 60, 60);
    for (let i = 0; i < 1000; i++) expect(buckets.take('a', 60, 1)).toBe(1);
    pass(1_001);
    expect(buckets.take('a', 60, 1)).toBe(0);
  });

  test('take a bounded amount of memory, and forget nobody who owes something', () => {
    const { now, pass } = clock();
    const buckets = new Buckets(false, now);
    for (let i = 0; i < 3 * BUCKETS_MAX; i++) buckets.take(`flood ${i}`, 60, 1);
    expect(buckets.size).toBeLessThanOrEqual(2 * BUCKETS_MAX);
    buckets.charge('a', 60, 1000);
    pass(GENERATION_MS / 2);
    expect(buckets.wait('b', 60)).toBe(0);
    pass(GENERATION_MS / 2 + 1);
    expect(buckets.wait('b', 60)).toBe(0);
    expect(buckets.take('a', 60, 60)).toBe(0);
    expect(buckets.wait('a', 60)).toBe(1);
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7', '192.0.0.0/16'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.0.0/16'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8::/32'],
  ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8::/32'],
  ['::1', '0:0:0:0::/64', '0:0::/32'],
])('the network of %s is %s, and its neighbourhood %s', (address, network, neighbourhood) => {
  expect(networkOf(address)).toBe(network);
  expect(neighbourhoodOf(address)).toBe(neighbourhood);
});

describe('limits', () => {
  function limits(changes: Partial<RateLimitsParts> = {}) {
    const refused: Refused[] = [];
    const time = clock();
    const made = new RateLimits({
      ...{ addressPerMinute: 3, userPerMinute: 5, clientPerMinute: 10, limitsLoopback: false },
      onLedgerAway: () => undefined,
      now: time.now,
      ...changes,
    });
    const other = made.forStore('other', () => undefined);
    return { limits: made.forStore('one', (who) => refused.push(who)), other, refused, ...time };
  }
  const ANN = { clientId: 'app', userId: 'ann' };
  const BEN = { clientId: 'app', userId: 'ben' };
  const times = (count: number, work: () => void) => {
    for (let i = 0; i < count; i++) work();
  };

  test('say which one it is, and when to try again', () => {
    const { limits: own, refused } = limits();
    times(5, () => own.signedIn(ANN, '192.0.2.1', 1));
    const { category, issues, retryAfterS } = errorOf(() => own.signedIn(ANN, '192.0.2.1', 1));
    expect({ category, retryAfterS }).toEqual({ category: 'throttled', retryAfterS: 1 });
    expect(issues).toMatchObject([
      { code: 'throttled', details: { coding: [{ code: 'rate-limit-user' }] }, severity: 'error' },
    ]);
    expect(refused).toEqual([{ limit: 'user', address: '192.0.2.1', clientId: 'app', userId: 'ann' }]);
  });

  test('count users of an app by themselves, and the app, in each store', () => {
    const { limits: own, other } = limits();
    times(5, () => own.signedIn(ANN, '192.0.2.1', 1));
    times(5, () => own.signedIn(BEN, '192.0.2.1', 1));
    const carl = { ...ANN, userId: 'carl' };
    expect(codeOf(() => own.signedIn(carl, '192.0.2.1', 1))).toBe('rate-limit-client');
    own.signedIn(carl, '192.0.2.1', 1, 1000);
    other.signedIn(ANN, '192.0.2.1', 1);
  });

  test('count requests of nobody by network, whoever has signed in there', () => {
    const { limits: own } = limits();
    own.anonymous('2001:db8::1');
    own.refused('2001:db8::2');
    own.mayTry('2001:db8::3');
    own.anonymous('2001:db8::4');
    expect(codeOf(() => own.mayTry('2001:db8::5'))).toBe('rate-limit-address');
    expect(codeOf(() => own.anonymous('2001:db8::6'))).toBe('rate-limit-address');
    own.anonymous('2001:db8:0:1::1');
    own.signedIn(ANN, '2001:db8::1', 1);
  });

  test('charge afterwards what a request turned out to cost', () => {
    const { limits: own, pass } = limits();
    own.signedIn(ANN, '192.0.2.1', 1);
    own.charge(ANN, '192.0.2.1', 8);
    expect(errorOf(() => own.signedIn(ANN, '192.0.2.1', 1)).retryAfterS).toBe(48);
    pass(48_001);
    own.signedIn(ANN, '192.0.2.1', 1);
  });

  test('leave programs of this machine alone, unless all seem to come from it', () => {
    const { limits: own } = limits();
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', undefined])
      times(50, () => {
        own.signedIn(ANN, address, 1);
        own.anonymous(address);
        own.charge(ANN, address, 1000);
      });
    const { limits: behind } = limits({ limitsLoopback: true });
    times(3, () => behind.anonymous('127.0.0.1'));
    expect(codeOf(() => behind.anonymous('127.0.0.1'))).toBe('rate-limit-address');
  });

  test('are none where they are 0', () => {
    const { limits: own } = limits({ addressPerMinute: 0, userPerMinute: 0, clientPerMinute: 0 });
    times(200, () => {
      own.signedIn(ANN, '192.0.2.1', 1);
      own.anonymous('192.0.2.1');
      own.mayTry('192.0.2.1');
      own.refused('192.0.2.1');
    });
  });
});

function errorOf(work: () => void): FhirError {
  try {
    work();
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const codeOf = (work: () => void) => errorOf(work).issues[0]?.details?.coding?.[0]?.code;
