/** Raised at the first thing that is not as it was sealed. */
export class Finding extends Error {}
