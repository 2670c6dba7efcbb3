import { parseResourceScope, type Interaction } from '../../fhir/smart/scope.ts';
import { html, type Html } from './html.ts';
import type { Page } from './layout.ts';

export interface ConsentView {
  token: string;
  clientName: string;
  userName: string;
  /** Scopes that the app asks for and may have. */
  scopes: readonly string[];
  /** Of the patient whose record is opened. */
  patientName: string | undefined;
  formTargets: readonly string[];
}

/** Scopes that the user may leave out; the others go with signing in. */
export const isOptional = (scope: string): boolean =>
  scope === 'offline_access' || parseResourceScope(scope) !== undefined;

export const consentPage = (view: ConsentView): Page => ({
  title: 'Let this app in?',
  formTargets: view.formTargets,
  body: html`<p><b>${view.clientName}</b> asks for access in the name of ${view.userName}.</p>
    ${view.patientName === undefined ? undefined : html`<p>Patient: <b>${view.patientName}</b></p>`}
    <form method="post">
      <input type="hidden" name="csrf" value="${view.token}" />
      <fieldset>
        <legend>What it may do</legend>
        ${view.scopes.filter(isOptional).map(choice)}
      </fieldset>
      <ul>
        ${view.scopes.filter((scope) => !isOptional(scope)).map((scope) => html`<li>${meaningOf(scope)}</li>`)}
      </ul>
      <button name="action" value="allow">Allow</button>
      <button name="action" value="cancel">Refuse</button>
    </form>`,
});

const choice = (scope: string): Html =>
  html`<label
    ><input type="checkbox" name="scope" value="${scope}" checked /> ${meaningOf(scope)}
    <small>${scope}</small></label
  >`;

const MEANINGS: Readonly<Record<string, string>> = {
  openid: 'learn who you are',
  profile: 'learn your name',
  email: 'learn your email address',
  fhirUser: 'learn which record is yours',
  launch: 'learn what you were working on',
  'launch/patient': 'learn which patient you chose',
  online_access: 'keep its access while you are signed in',
  offline_access: 'keep its access when you are away',
};

const VERBS: Readonly<Record<Interaction, string>> = {
  create: 'add',
  read: 'read',
  update: 'change',
  delete: 'delete',
  search: 'search',
};

/** What a scope lets an app do, in words. */
export function meaningOf(scope: string): string {
  const resource = parseResourceScope(scope);
  if (!resource) return MEANINGS[scope] ?? scope;
  const { context, type, interactions, query } = resource;
  const what = type === '*' ? 'all kinds of data' : type;
  const whose = context === 'patient' ? ' of the patient' : ' that you may use';
  const verbs = [...interactions].map((name) => VERBS[name]).join(', ');
  return `${verbs} ${what}${whose}${query === undefined ? '' : ' (in part)'}`;
}
