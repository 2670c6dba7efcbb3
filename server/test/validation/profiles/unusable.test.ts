import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SESSION_PROFILES_MAX } from '../../../src/validation/profiles/session.ts';
import { errorsOf, openR4, OWN, profile, profileValidator, ruleOf, type R4 } from './support.ts';

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

const PATIENT = { resourceType: 'Patient' };

describe('what cannot be checked', () => {
  test('a profile that was asked for and cannot be used is an error that says why', async () => {
    const own = profile('Patient', [], 'own', `${OWN}/none`);
    const validator = profileValidator(r4, new Map([[own.url!, own]]));
    const asked = { profiles: [own.url!, `${OWN}/other`], thorough: true };
    const issues = errorsOf(await validator.validate(PATIENT, asked));
    expect(issues.map(({ diagnostics }) => diagnostics)).toEqual([
      expect.stringContaining(
        `${OWN}/own cannot be used, so it was not checked (the definition ${OWN}/none is not known`,
      ),
      expect.stringContaining(`'${OWN}/other' was asked for and is not known here`),
    ]);
  });

  test('a profile that cannot be used is said to be so, and to whoever keeps the log', async () => {
    const own = profile('Patient', [{ path: 'Patient.nothing', min: 1 }]);
    const told: string[] = [];
    const onFault = (canonical: string, reason: string) => void told.push(`${canonical}: ${reason}`);
    const validator = profileValidator(r4, new Map([[own.url!, own]]), { onFault });
    const claimed = { ...PATIENT, meta: { profile: [own.url, `${OWN}/none`, 'x'.repeat(5_000)] } };
    const rules = async (mode: 'profiles' | 'strict', thorough = false) =>
      (await validator.validate(claimed, { mode, thorough }))
        .filter((issue) => ruleOf(issue).startsWith('profile-'))
        .map((issue) => `${issue.severity} ${ruleOf(issue)}`);
    expect(await rules('profiles')).toEqual([]);
    const all = ['profile-unusable', 'profile-unknown', 'profile-unknown'];
    expect(await rules('profiles', true)).toEqual(all.map((rule) => `warning ${rule}`));
    expect(await rules('strict')).toEqual(all.map((rule) => `error ${rule}`));
    expect(told).toEqual([`${OWN}/own: it constrains Patient.nothing, which its base does not have`]);
  });

  test('unknown ones, however many, make none unusable', async () => {
    const own = profile('Patient', [{ path: 'Patient.active', min: 1 }]);
    const told: string[] = [];
    const validator = profileValidator(r4, new Map([[own.url!, own]]), {
      onFault: (one) => void told.push(one),
    });
    const unknown = Array.from({ length: SESSION_PROFILES_MAX + 1 }, (_, i) => `${OWN}/none-${i}`);
    const extension = [...unknown, `${OWN}/last`].map((url) => ({ url, valueString: 'x' }));
    await validator.validate({ ...PATIENT, extension, meta: { profile: [own.url] } });
    const rules = async () =>
      errorsOf(await validator.validate({ ...PATIENT, meta: { profile: [own.url] } })).map(ruleOf);
    expect(await rules()).toEqual(['profile-cardinality-min']);
    expect(told).toEqual([]);
  });

  test('more than one validation looks for are said not to be checked', async () => {
    const validator = profileValidator(r4, new Map());
    const extension = Array.from({ length: 11_000 }, (_, i) => ({
      url: `${OWN}/none-${i}`,
      valueString: 'x',
    }));
    const issues = await validator.validate({ ...PATIENT, extension });
    expect(issues.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning too-costly']);
    const strict = await validator.validate({ ...PATIENT, extension }, { mode: 'strict' });
    expect(errorsOf(strict).map(({ code }) => code)).toContain('too-costly');
  });
});
