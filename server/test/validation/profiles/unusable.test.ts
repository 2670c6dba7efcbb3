import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
});
