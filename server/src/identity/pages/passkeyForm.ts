import { html, type Html } from './html.ts';

/** The one script of our pages: browsers know passkeys by script only. */
export const PASSKEY_SCRIPT = `'use strict';
const form = document.getElementById('passkey');
const { PublicKeyCredential: Passkey } = window;
if (form && Passkey && Passkey.parseRequestOptionsFromJSON) {
  const problem = form.querySelector('[role=alert]');
  const { credential } = form.elements;
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    if (credential.value !== '') return;
    event.preventDefault();
    problem.textContent = '';
    const options = JSON.parse(form.dataset.options);
    try {
      const made = form.dataset.use === 'create'
        ? await navigator.credentials.create({ publicKey: Passkey.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: Passkey.parseRequestOptionsFromJSON(options) });
      credential.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch (error) {
      problem.textContent = error.name === 'InvalidStateError'
        ? 'This device has a passkey for this account already.'
        : 'No passkey was used. Try again, or go on in another way.';
      problem.focus();
    }
  });
}
`;

export interface PasskeyForm {
  /** Of `navigator.credentials`, as JSON. */
  options: string;
  /** Where the script is served. */
  script: string;
}

/** A form that the script shows where the browser knows passkeys, and fills in. */
export const passkeyForm = (
  { options }: PasskeyForm,
  use: 'create' | 'get',
  csrf: string,
  label: string,
): Html =>
  html`<form method="post" id="passkey" data-use="${use}" data-options="${options}" hidden>
    <p class="problem" role="alert" tabindex="-1"></p>
    <input type="hidden" name="csrf" value="${csrf}" />
    <input type="hidden" name="action" value="passkey" />
    <input type="hidden" name="credential" value="" />
    ${
      use === 'create'
        ? html`<label for="label">Name of the passkey: where it is</label>
            <input id="label" name="label" type="text" maxlength="60" placeholder="My phone" />`
        : undefined
    }
    <button>${label}</button>
  </form>`;
