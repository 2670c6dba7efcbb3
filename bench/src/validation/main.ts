import { measureValidation, type ValidationCase, type ValidationFigures } from './measure.ts';
import { observations, syntheaResources, usCore } from './sets.ts';
import { medplumValidator, ourValidators } from './validators.ts';

/** Measures validation in a process of its own, and writes the figures to its output as JSON. Takes the number of rounds. */
const main = async (rounds: number): Promise<void> => {
  const guide = usCore();
  const { base, profiles } = await ourValidators(guide.definitions);
  const medplum = medplumValidator(guide.definitions);
  const cases: ValidationCase[] = [
    {
      name: 'observation',
      title: 'Observation at `base`',
      resources: observations(),
      target: { of: 'p50Us', us: 40 },
      ours: (resource) => base.validate(resource),
      medplum: (resource) => medplum(resource, false),
    },
    {
      name: 'synthea',
      title: 'Synthea at `base`',
      resources: syntheaResources(),
      target: { of: 'meanUs', us: 150 },
      ours: (resource) => base.validate(resource),
      medplum: (resource) => medplum(resource, false),
    },
    {
      name: 'us-core',
      title: 'US Core 6.1 examples at `profiles`',
      resources: guide.examples,
      target: { of: 'meanUs', us: 400 },
      ours: (resource) => profiles.validate(resource),
      medplum: (resource) => medplum(resource, true),
    },
  ];
  const figures: ValidationFigures[] = [];
  for (const each of cases) figures.push(await measureValidation(each, rounds));
  console.log(JSON.stringify(figures));
};

await main(Number(process.argv[2] ?? 3));
