import type { PatientChoice } from '../ports.ts';
import { html } from './html.ts';
import { problemOf, type Page } from './layout.ts';

export interface PickPatientView {
  token: string;
  clientName: string;
  /** What was searched for. */
  search: string;
  patients: readonly PatientChoice[];
  /** Whether there are more than shown. */
  more: boolean;
  problem: string | undefined;
  formTargets: readonly string[];
}

export const pickPatientPage = (view: PickPatientView): Page => ({
  title: 'Choose a patient',
  formTargets: view.formTargets,
  body: html`${problemOf(view.problem)}
    <p><b>${view.clientName}</b> works with the record of one patient.</p>
    <form method="get" role="search">
      <label for="search">Name or number</label>
      <input id="search" name="search" type="search" maxlength="100" value="${view.search}" />
      <button>Search</button>
    </form>
    <form method="post">
      <input type="hidden" name="csrf" value="${view.token}" />
      <fieldset>
        <legend>Patients</legend>
        ${view.patients.map(
          ({ id, name, detail }) =>
            html`<label
              ><input type="radio" name="patient" value="${id}" required /> ${name}
              <small>${detail}</small></label
            >`,
        )}
        ${view.patients.length === 0 ? html`<p>None was found.</p>` : undefined}
        ${view.more ? html`<p>There are more: search for a name or number.</p>` : undefined}
      </fieldset>
      <button name="action" value="choose">Continue</button>
      <button name="action" value="cancel" formnovalidate>Cancel</button>
    </form>`,
});
