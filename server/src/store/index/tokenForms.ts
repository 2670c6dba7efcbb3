import type { ResolvedPath } from '../../fhir/path/resolvePath.ts';
import { FORM, pair, type Form } from './keys.ts';
import { bareText, isBareToken } from './values/token.ts';

/** `system` absent: any; empty: none (`|code`). `code` absent: any code of the system (`system|`). */
export interface TokenValue {
  system?: string;
  code?: string;
}

/** A type of a token's values, with the codes that there may be, where they are known. */
export type TokenType = Pick<ResolvedPath, 'type' | 'codes'>;

/** What a path that an engine runs may lead to: every sort of token. */
export const ENGINE_TYPES: readonly TokenType[] = [{ type: 'code' }, { type: 'string' }, { type: 'Coding' }];

/** The form of a token that is asked for. */
export function tokenForm(token: TokenValue): { form: Form; text: string } {
  const { system, code } = token;
  if (code === undefined) return { form: FORM.system, text: system ?? '' };
  if (system === undefined) return { form: FORM.code, text: code };
  if (system === '') return { form: FORM.noSystemCode, text: code };
  return { form: FORM.systemCode, text: pair(system, code) };
}

/**
 * The forms of a token on a path with values of these types. Bare tokens (codes, booleans, ids) are written without a system. That of a
 * code is implied by its binding (http://hl7.org/fhir/R4/search.html#token); where that does not tell, only the code is compared. Where
 * there may be codings as well, a system can only mean theirs.
 */
export function formsFor(types: readonly TokenType[], token: TokenValue): { form: Form; text: string }[] {
  const forms = new Map<string, { form: Form; text: string }>();
  const add = (form: Form, text: string) => forms.set(`${form} ${text}`, { form, text });
  const meansCodings = token.system !== undefined && !types.every(({ type }) => isBareToken(type));
  for (const { type, codes } of types) {
    if (!isBareToken(type)) {
      const { form, text } = tokenForm(token);
      add(form, text);
    } else if (!meansCodings)
      for (const code of bareCodes(token, codes)) add(FORM.code, bareText(type, code));
  }
  return [...forms.values()];
}

/** What a bare token may be to have the code and the system. */
function bareCodes({ system, code }: TokenValue, codes: TokenType['codes']): readonly string[] {
  if (system && codes) {
    const ofSystem = Object.hasOwn(codes, system) ? codes[system]! : [];
    return code === undefined || ofSystem.length === 0 ? ofSystem : [code];
  }
  return code === undefined ? [] : [code];
}
