import { makeBundle } from './bundle.ts';

console.error(`The pages are in ${await makeBundle()}`);
