import type { DiagnosticReport, Observation, Reference, ServiceRequest, Specimen } from '@medplum/fhirtypes';
import { ILLNESSES } from '../codes/conditions.ts';
import type { Analyte, Panel, PanelKey } from '../codes/panels.ts';
import { PANELS, SPECIMENS } from '../codes/panels.ts';
import { canonical } from '../clinic/catalogue.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { concept, hl7, quantity, snomed } from '../kit/concept.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { claiming } from '../kit/maxray.ts';
import { HOUR_MS, instant, MINUTE_MS } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import { labValue } from './labValues.ts';

const LABORATORY = concept(hl7('observation-category', 'laboratory', 'Laboratory'));
/** Hours from the drawing of the specimen to the report. */
const TURNAROUND_HOURS = 5;

/** The panels that watch over this patient's illnesses; everybody has the metabolic one. */
export function panelsFor(story: Story): PanelKey[] {
  const watched = [...story.person.illnesses].flatMap((key): readonly PanelKey[] => ILLNESSES[key].panels);
  return [...new Set<PanelKey>(['metabolic', ...watched])];
}

/** Order, specimen, results and report of one panel. */
export function laboratory(story: Story, visit: Visit, key: PanelKey): Reference<DiagnosticReport> {
  const panel: Panel = PANELS[key];
  const drawnMs = visit.startMs + 12 * MINUTE_MS;
  const order = story.add(orderOf(story, visit, panel));
  const specimen = story.add(specimenOf(story, panel, order, drawnMs));
  const issuedMs = drawnMs + TURNAROUND_HOURS * HOUR_MS;
  const results = panel.analytes.map((analyte) =>
    story.add(resultOf(story, visit, analyte, { order, specimen, drawnMs, issuedMs })),
  );
  const report = story.add<DiagnosticReport>({
    resourceType: 'DiagnosticReport',
    id: story.id('lab-report'),
    meta: claiming('laboratory-report'),
    basedOn: [order],
    status: 'final',
    category: [concept(hl7('v2-0074', 'LAB', 'Laboratory'))],
    code: concept(panel.code),
    subject: story.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(drawnMs),
    issued: instant(issuedMs),
    performer: [ORGANIZATION.laboratory],
    resultsInterpreter: [practitioner(STAFF.haddad)],
    specimen: [specimen],
    result: results,
  });
  visit.charges.push({ code: panel.code, cents: panel.priceCents, service: report.reference as string });
  return report;
}

function orderOf(story: Story, visit: Visit, panel: Panel): ServiceRequest {
  const number = story.id('lab-order');
  return {
    resourceType: 'ServiceRequest',
    id: number,
    meta: claiming('laboratory-order'),
    identifier: [houseIdentifier('order', number.toUpperCase())],
    instantiatesCanonical: [canonical('ActivityDefinition', `lab-${panel.key}`)],
    status: 'completed',
    intent: 'order',
    category: [concept(snomed('108252007', 'Laboratory procedure'))],
    priority: 'routine',
    code: concept(panel.code),
    subject: story.subject,
    encounter: visit.encounter,
    authoredOn: instant(visit.startMs + 8 * MINUTE_MS),
    requester: practitioner(visit.doctor),
    performer: [ORGANIZATION.laboratory],
  };
}

function specimenOf(story: Story, panel: Panel, order: Reference<ServiceRequest>, drawnMs: number): Specimen {
  const { code, display, tube, volumeMl } = SPECIMENS[panel.specimen];
  const number = story.id('specimen');
  return {
    resourceType: 'Specimen',
    id: number,
    accessionIdentifier: houseIdentifier('specimen', number.toUpperCase()),
    status: 'available',
    type: concept(snomed(code, display)),
    subject: story.subject,
    receivedTime: instant(drawnMs + HOUR_MS),
    request: [order],
    collection: {
      collector: practitioner(STAFF.kowalski),
      collectedDateTime: instant(drawnMs),
      quantity: quantity(volumeMl, 'mL', 1),
      bodySite: concept(snomed('368208006', 'Left upper arm')),
    },
    container: [{ description: tube }],
  };
}

interface Sample {
  order: Reference<ServiceRequest>;
  specimen: Reference<Specimen>;
  drawnMs: number;
  issuedMs: number;
}

function resultOf(story: Story, visit: Visit, analyte: Analyte, sample: Sample): Observation {
  const value = labValue(story, analyte, visit.startMs);
  const target =
    analyte.key === 'inr' && story.person.illnesses.has('fibrillation') ? { low: 2, high: 3 } : analyte;
  return {
    resourceType: 'Observation',
    id: story.id('lab-result'),
    meta: claiming('laboratory-result'),
    basedOn: [sample.order],
    status: 'final',
    category: [LABORATORY],
    code: concept(analyte.code),
    subject: story.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(sample.drawnMs),
    issued: instant(sample.issuedMs),
    performer: [ORGANIZATION.laboratory],
    valueQuantity: quantity(value, analyte.ucum, analyte.places, analyte.unit),
    interpretation: [concept(interpret(Number(value.toFixed(analyte.places)), target.low, target.high))],
    specimen: sample.specimen,
    device: { reference: 'Device/demo-analyser' },
    referenceRange: [
      {
        low: quantity(target.low, analyte.ucum, analyte.places, analyte.unit),
        high: quantity(target.high, analyte.ucum, analyte.places, analyte.unit),
      },
    ],
  };
}

function interpret(value: number, low: number, high: number) {
  if (value < low) return hl7('v3-ObservationInterpretation', 'L', 'Low');
  if (value > high) return hl7('v3-ObservationInterpretation', 'H', 'High');
  return hl7('v3-ObservationInterpretation', 'N', 'Normal');
}
