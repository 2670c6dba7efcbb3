import wadors from '@cornerstonejs/dicom-image-loader/wadors';
import { DICOM_JSON, type Service } from '../record/service.ts';

/** A data set as DICOM JSON (PS3.18 annex F). */
type DataSet = Record<string, { vr: string; Value?: unknown[]; BulkDataURI?: string }>;

const SOP_INSTANCE_UID = '00080018';
const INSTANCE_NUMBER = '00200013';
const NUMBER_OF_FRAMES = '00280008';
const ROWS = '00280010';

const PIXEL_SPACING = '00280030';
const IMAGER_PIXEL_SPACING = '00181164';
const ORIENTATION = '00200037';
const POSITION = '00200032';
const MAGNIFICATION = '00181114';

export interface Frames {
  /** One for each frame, in the order of instance numbers; none where the series has no images. */
  imageIds: string[];
  /** What lengths that are measured in it mean. */
  lengths: string;
}

/**
 * Makes the images of a series known to Cornerstone.
 *
 * @throws VisitEndedError, ReadError
 */
export async function framesOf(service: Service, studyUid: string, seriesUid: string): Promise<Frames> {
  const series = `${service.dicomweb}/studies/${studyUid}/series/${seriesUid}`;
  const instances = await service.json<DataSet[]>(`${series}/metadata`, DICOM_JSON);
  const images = instances
    .filter((one) => one[ROWS] !== undefined)
    .sort((a, b) => numberOf(a, INSTANCE_NUMBER) - numberOf(b, INSTANCE_NUMBER));
  const imageIds = images.flatMap((dataSet) => {
    const frames = `wadors:${series}/instances/${String(valueOf(dataSet, SOP_INSTANCE_UID))}/frames`;
    const count = numberOf(dataSet, NUMBER_OF_FRAMES) || 1;
    const ids = Array.from({ length: count }, (_, i) => `${frames}/${i + 1}`);
    for (const id of ids) wadors.metaDataManager.add(id, measurable(dataSet) as never);
    return ids;
  });
  return { imageIds, lengths: images[0] ? meaningOfLengths(images[0]) : '' };
}

/**
 * A projection has the size of its shadow at the detector (PS3.3 section 10.7.1.3), and no place in the patient's body. Cornerstone looks at Pixel Spacing alone, and
 * believes in it where there is a place.
 */
function measurable(dataSet: DataSet): DataSet {
  const spacing = spacingOf(dataSet);
  if (!spacing) return dataSet;
  return {
    ...{ [ORIENTATION]: decimals(1, 0, 0, 0, 1, 0), [POSITION]: decimals(0, 0, 0) },
    ...dataSet,
    [PIXEL_SPACING]: decimals(...spacing),
  };
}

/** Millimetres between rows, and between columns. */
function spacingOf(dataSet: DataSet): number[] | undefined {
  const known = dataSet[PIXEL_SPACING]?.Value?.map(Number);
  if (known?.length === 2) return known;
  const atDetector = dataSet[IMAGER_PIXEL_SPACING]?.Value?.map(Number);
  const factor = numberOf(dataSet, MAGNIFICATION) || 1;
  return atDetector?.length === 2 ? atDetector.map((mm) => mm / factor) : undefined;
}

const decimals = (...Value: number[]) => ({ vr: 'DS', Value });

function meaningOfLengths(dataSet: DataSet): string {
  if (valueOf(dataSet, PIXEL_SPACING) !== undefined) return '';
  if (valueOf(dataSet, IMAGER_PIXEL_SPACING) === undefined) return 'Lengths in pixels';
  return numberOf(dataSet, MAGNIFICATION) > 0
    ? 'Lengths by estimated magnification'
    : 'Lengths at the detector';
}

const valueOf = (dataSet: DataSet, tag: string): unknown => dataSet[tag]?.Value?.[0];
const numberOf = (dataSet: DataSet, tag: string): number => Number(valueOf(dataSet, tag) ?? 0);
