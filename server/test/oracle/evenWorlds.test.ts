import { testWorlds, WORLDS } from './run/oracle.ts';

/* Half of the random worlds (see run/oracle.ts), so that both of Jest's workers have some. */
testWorlds(Array.from({ length: WORLDS / 2 }, (_, i) => 2 * i));
