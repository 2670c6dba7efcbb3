import { testWorlds, WORLDS } from './run/oracle.ts';

/* The other half of the random worlds (see evenWorlds.test.ts). */
testWorlds(Array.from({ length: WORLDS / 2 }, (_, i) => 2 * i + 1));
