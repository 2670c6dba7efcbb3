import type { Extension } from '@medplum/fhirtypes';
import type { TemplateName, Values } from '../wording/wording.ts';
import { isTemplate } from '../wording/wording.ts';
import { TEMPLATE_EXTENSION } from './codes.ts';

/** A template and what is put into it, as a notice carries them: the words are found when it is known who reads them. */
export interface Template {
  name: TemplateName;
  values: Values;
}

export function templateExtension({ name, values }: Template): Extension {
  const parts = Object.entries(values).map(([key, value]): Extension => {
    const part: Extension =
      typeof value === 'string' ? { url: 'value', valueString: value } : moneyOrTime(value);
    return { url: 'value', extension: [{ url: 'name', valueCode: key }, part] };
  });
  return { url: TEMPLATE_EXTENSION, extension: [{ url: 'name', valueCode: name }, ...parts] };
}

const moneyOrTime = (value: Exclude<Values[string], string>): Extension =>
  'at' in value
    ? { url: 'value', valueDateTime: value.at }
    : { url: 'value', valueMoney: { value: value.amount, currency: value.currency as never } };

/** @returns what a notice is to say; undefined where it names no template that is known */
export function readTemplate(extensions: readonly Extension[] = []): Template | undefined {
  const parts = extensions.find(({ url }) => url === TEMPLATE_EXTENSION)?.extension ?? [];
  const name = parts.find(({ url }) => url === 'name')?.valueCode;
  if (!isTemplate(name)) return undefined;
  const values: Values = {};
  for (const { url, extension = [] } of parts) {
    const key = extension.find((part) => part.url === 'name')?.valueCode;
    const value = extension.find((part) => part.url === 'value');
    if (url !== 'value' || key === undefined || value === undefined) continue;
    if (value.valueDateTime !== undefined) values[key] = { at: value.valueDateTime };
    else if (value.valueMoney?.value !== undefined)
      values[key] = { amount: value.valueMoney.value, currency: value.valueMoney.currency ?? 'USD' };
    else if (value.valueString !== undefined) values[key] = value.valueString;
  }
  return { name, values };
}
