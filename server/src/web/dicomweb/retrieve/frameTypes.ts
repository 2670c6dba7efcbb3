import { ANY, isInRange, notAcceptable, withSyntax, type Accepted } from '../accept.ts';

const OCTETS = 'application/octet-stream';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** Transfer syntaxes by the media type of their frames, the default first (PS3.18 table 8.7.3-5). Clients that ask for a JPEG mean any. */
const SYNTAXES: Readonly<Record<string, readonly string[]>> = {
  [OCTETS]: [EXPLICIT_LITTLE_ENDIAN],
  'image/jpeg': [
    '1.2.840.10008.1.2.4.70',
    '1.2.840.10008.1.2.4.50',
    '1.2.840.10008.1.2.4.51',
    '1.2.840.10008.1.2.4.57',
  ],
  'image/dicom-rle': ['1.2.840.10008.1.2.5'],
  'image/jls': ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81'],
  'image/jp2': ['1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.4.91'],
  'image/jpx': ['1.2.840.10008.1.2.4.92', '1.2.840.10008.1.2.4.93'],
  'image/jxl': ['1.2.840.10008.1.2.4.110', '1.2.840.10008.1.2.4.111', '1.2.840.10008.1.2.4.112'],
  'image/jphc': ['1.2.840.10008.1.2.4.201', '1.2.840.10008.1.2.4.202', '1.2.840.10008.1.2.4.203'],
};
/** Names from before media types were registered. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  'image/x-dicom-rle': 'image/dicom-rle',
  'image/x-jls': 'image/jls',
};

/** What a client takes frames as. */
export interface FrameTypes {
  isMultipart: boolean;
  /** Transfer syntaxes to ask for, in turn: `*` is any. */
  attempts: readonly (readonly string[])[];
  /** The Content-Type of a frame that was had in one of them. */
  contentType(transferSyntaxUid: string): string;
}

/**
 * How frames can be sent to a client (PS3.18 section 8.7.3).
 *
 * @param canBeSingle whether one frame is asked for: several always come in parts
 * @throws FhirError `not-acceptable`
 */
export function frameTypes(accepted: readonly Accepted[], canBeSingle: boolean): FrameTypes {
  const usable = accepted.filter((one) => syntaxesIn(one).length > 0);
  const [best] = usable;
  if (!best) throw notAcceptable(`multipart/related; type="${OCTETS}"; transfer-syntax=*`);
  const isMultipart = !canBeSingle || best.isMultipart || best.mediaType === ANY;
  const isAnything = best.mediaType === ANY && best.transferSyntax === undefined;
  const named = [...new Set(usable.flatMap(syntaxesIn))];
  return {
    isMultipart,
    // Who takes anything gets pixels as they are if need be, but rather what everybody can read.
    attempts: isAnything ? [[EXPLICIT_LITTLE_ENDIAN], ['*']] : [named],
    contentType: (uid) => withSyntax(typeOf(uid, usable), uid),
  };
}

function syntaxesIn({ mediaType, transferSyntax }: Accepted): readonly string[] {
  const known = OLD_NAMES[mediaType] ?? mediaType;
  const types = Object.keys(SYNTAXES).filter((type) => isInRange(type, known));
  const ofTypes = types.flatMap((type) => SYNTAXES[type]!);
  if (types.length === 0) return [];
  if (transferSyntax === undefined) return known === ANY ? ['*'] : ofTypes;
  if (types.includes(OCTETS)) return [transferSyntax];
  return transferSyntax === '*' ? ofTypes : ofTypes.filter((one) => one === transferSyntax);
}

/** Whoever takes bytes in any transfer syntax gets bytes; else the type of what it is. */
function typeOf(uid: string, usable: readonly Accepted[]): string {
  const own = Object.keys(SYNTAXES).find((type) => SYNTAXES[type]!.includes(uid)) ?? OCTETS;
  const takesOwn = usable.some(({ mediaType }) => isInRange(own, OLD_NAMES[mediaType] ?? mediaType));
  return takesOwn ? own : OCTETS;
}
