import { actionsOn } from './controls/actions.ts';
import { listenToKeys } from './controls/keyboard.ts';
import { fillKeys, fillToolbar } from './controls/toolbar.ts';
import { startEngine } from './images/engine.ts';
import { Tools, type HeldTool } from './images/tools.ts';
import { Panes } from './panes.ts';
import { readPatient } from './record/patient.ts';
import { readOthers, readStudy, type ImagingStudy } from './record/record.ts';
import { ReadError, VisitEndedError, serviceOf } from './record/service.ts';
import { factsOf, nameOf, titleOf } from './record/wording.ts';

const UNAUTHORIZED = 401;
const VISIT_ENDED = 'This visit has ended. Open the study from the record again to go on looking at it.';

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

const service = serviceOf(new URL(location.href));
const message = byId('message');
const status = byId('status');
const prior = byId<HTMLSelectElement>('prior');
const help = byId<HTMLDialogElement>('help');

const engine = startEngine((code) => {
  if (code === UNAUTHORIZED) endVisit();
});
const tools = new Tools(engine.id);
const panes = new Panes(byId('panes'), tools, {
  service,
  engine,
  onStatus: (text) => (status.textContent = text),
  onVisitEnded: () => endVisit(),
});
/** Undefined as long as it is not known. */
let others: ImagingStudy[] | undefined;

const actions = actionsOn({
  hold,
  step: (images) => panes.step(images),
  rotate: (quarters) => panes.rotate(quarters),
  flip: () => panes.flip(),
  invert: () => panes.invert(),
  reset: () => panes.reset(),
  zoom: (factor) => panes.zoom(factor),
  nudge: (right, down) => panes.nudge(right, down),
  removeMeasurement: () => panes.removeMeasurement(),
  compare: () => toggleComparison(),
  help: () => help.showModal(),
});
const markHeld = fillToolbar(byId('toolbar'), actions);
fillKeys(byId('keys'), actions);
listenToKeys(actions);
hold('window');
prior.addEventListener('change', () => compare());
open().catch(fail);

async function open(): Promise<void> {
  const study = await readStudy(service);
  const shown = panes.showStudy(study);
  document.title = `${titleOf(study)} - MaxRay`;
  const patient = await readPatient(service, study.subject?.reference);
  if (patient) {
    byId('patient').textContent = nameOf(patient) ?? 'Patient without a name';
    byId('facts').textContent = factsOf(patient);
  }
  offer(await readOthers(service, study, patient));
  await shown;
}

function offer(found: ImagingStudy[]): void {
  others = found;
  prior.disabled = found.length === 0;
  for (const study of found) prior.add(new Option(titleOf(study), study.id));
}

function compare(): void {
  panes.compareWith(others?.find(({ id }) => id === prior.value)).catch(fail);
}

/** The newest of the others, or none. */
function toggleComparison(): void {
  if (!others) return;
  if (others.length === 0) status.textContent = 'There is no other study of this patient.';
  prior.value = prior.value === '' ? (others[0]?.id ?? '') : '';
  compare();
}

function hold(tool: HeldTool): void {
  tools.hold(tool);
  markHeld(tool);
}

function fail(error: unknown): void {
  if (error instanceof VisitEndedError) return endVisit();
  tell(error instanceof ReadError ? error.message : 'Something went wrong. Load the page again.');
  if (!(error instanceof ReadError)) throw error;
}

/** What was seen does not stay on a screen that somebody has left. */
function endVisit(): void {
  panes.close();
  document.querySelector('header')!.hidden = true;
  byId('toolbar').hidden = true;
  status.textContent = '';
  tell(VISIT_ENDED);
}

function tell(text: string): void {
  message.textContent = text;
  message.hidden = false;
}
