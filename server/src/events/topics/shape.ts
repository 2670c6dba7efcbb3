import { extensionsOf, textOf, typeOf, type Extension } from '../extensions.ts';

/** What comes along with the resources of a type that a topic tells of (SubscriptionTopic.notificationShape). */
export interface TopicShape {
  resource: string;
  /** As parameters of a search: `['_include', 'Encounter:patient']`. */
  pairs: (readonly [name: string, value: string])[];
}

/** Reads includes as topics have them: `Encounter:patient`, `Encounter:patient&iterate=Patient.link`, `_include=Encounter:patient`. */
export function readShape(extension: Extension): TopicShape {
  const parts = extensionsOf(extension);
  const named = (name: string) => parts.filter(({ url }) => url === name);
  const all = (name: string) => named(name).flatMap((one) => textOf(one) ?? []);
  return {
    resource: typeOf(named('resource')[0]) ?? '',
    pairs: [
      ...all('include').flatMap((text) => pairsOf('_include', text)),
      ...all('revInclude').flatMap((text) => pairsOf('_revinclude', text)),
    ],
  };
}

function pairsOf(parameter: '_include' | '_revinclude', text: string): [string, string][] {
  return text.split('&').map((part, i) => {
    const [, name = i === 0 ? parameter : '', value = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(part)!;
    const isIterate = name === 'iterate' || name.endsWith(':iterate');
    // What it goes on from stands with a dot in the examples of the guide.
    return isIterate
      ? [name === 'iterate' ? '_include:iterate' : name, value.replace('.', ':')]
      : [name, value];
  });
}
