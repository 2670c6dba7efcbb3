import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { XmlFormat } from '../../fhir/xml/xmlFormat.ts';
import { notificationBundle } from '../notifications/bundle.ts';
import type { Notice } from './channel.ts';
import type { PayloadFormat } from './payload.ts';

/** What makes texts of notifications. */
export interface TextParts {
  /** Absolute URL of the FHIR base. */
  base: string;
  xml: XmlFormat;
}

/** The Bundle of a topic's notification, as JSON text. */
export function bundleText({ base }: Pick<TextParts, 'base'>, notice: Notice): string {
  const { subscription, request, type, eventsSinceStart, events } = notice;
  const { asked, channel, status } = request;
  return notificationBundle({
    base,
    content: channel.content,
    status: {
      subscription: `${base}/Subscription/${subscription}`,
      ...(asked.kind === 'topic' && { topic: asked.canonical }),
      ...{ status, type, eventsSinceStart },
    },
    events,
  });
}

/** JSON text of a resource in the format that is wanted. */
export const inFormat = (xml: XmlFormat, json: string, format: PayloadFormat): string =>
  format === 'json' ? json : xml.write(parseExact(json) as Resource, false);
