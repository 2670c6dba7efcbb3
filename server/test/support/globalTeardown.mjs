import { closeBroker } from './testServer.mjs';

/** Jest, after all tests. */
export default closeBroker;
