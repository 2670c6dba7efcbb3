import { listed, wrong } from '../faults.ts';

/** The value of a result parameter that is one word of a few. @throws SearchFault */
export function parseChoice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((word) => word === value);
  if (choice === undefined) throw wrong(`${name} must be one of ${listed(choices)}.`);
  return choice;
}
