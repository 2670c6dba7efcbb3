import type { ObservationComponent, Quantity } from '@medplum/fhirtypes';
import type { Values } from '../objects/dataSet.ts';
import { textOf } from '../objects/values.ts';
import { DCM_SYSTEM } from '../fhir/identifiers.ts';

/** What a step says of radiation (PS3.3 section C.4.16), in its own units. */
export interface Dose {
  /** dGy cm2. */
  areaProduct?: number;
  /** mGy at the skin. */
  entranceMilligray?: number;
  exposures?: number;
  fluoroscopySeconds?: number;
  comment?: string;
}

const UCUM = 'http://unitsofmeasure.org';
const MILLIGRAY_PER_DECIGRAY = 100;

/** Reads what is said of radiation; what is empty or zero is not said. */
export function readDose(values: Values): Dose {
  const areaProduct = positive(values, 'ImageAndFluoroscopyAreaDoseProduct');
  const decigray = positive(values, 'EntranceDose');
  const entranceMilligray =
    positive(values, 'EntranceDoseInmGy') ?? (decigray && decigray * MILLIGRAY_PER_DECIGRAY);
  const exposures = positive(values, 'TotalNumberOfExposures');
  const fluoroscopySeconds = positive(values, 'TotalTimeOfFluoroscopy');
  const comment = textOf(values, 'CommentsOnRadiationDose');
  return {
    ...(areaProduct !== undefined && { areaProduct }),
    ...(entranceMilligray !== undefined && { entranceMilligray }),
    ...(exposures !== undefined && { exposures }),
    ...(fluoroscopySeconds !== undefined && { fluoroscopySeconds }),
    ...(comment !== undefined && { comment }),
  };
}

function positive(values: Values, keyword: string): number | undefined {
  const value = Number(textOf(values, keyword));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** The same as components of an Observation; coded where DICOM has a concept for the sum over a procedure. */
export function doseComponents(dose: Dose): ObservationComponent[] {
  const { areaProduct, entranceMilligray, exposures, fluoroscopySeconds } = dose;
  return [
    ...component('Dose Area Product Total', '113722', areaProduct, 'dGy.cm2'),
    ...component('Entrance dose', undefined, entranceMilligray, 'mGy'),
    ...component('Total number of exposures', undefined, exposures, '1'),
    ...component('Total Fluoro Time', '113730', fluoroscopySeconds, 's'),
  ];
}

function component(
  text: string,
  code: string | undefined,
  value: number | undefined,
  unit: string,
): ObservationComponent[] {
  if (value === undefined) return [];
  const valueQuantity: Quantity = { value, system: UCUM, code: unit, ...(unit !== '1' && { unit }) };
  const coding = code === undefined ? {} : { coding: [{ system: DCM_SYSTEM, code, display: text }] };
  return [{ code: { ...coding, text }, valueQuantity }];
}
