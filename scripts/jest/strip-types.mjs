import { stripTypeScriptTypes } from 'node:module';

/** Jest transformer: the same type stripping that Node itself runs the server with. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
