import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { html, Html } from './html.ts';
import { documentOf, pageHeaders, type Page } from './layout.ts';

function show(ctx: KoaContextWithOIDC, page: Page): void {
  for (const [name, value] of Object.entries(pageHeaders(page))) ctx.set(name, value);
  ctx.body = documentOf(page);
}

/** Asks whether to sign out. @param form the provider's own hidden form, which the buttons belong to */
export async function renderSignOut(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  const back = ctx.oidc.params?.post_logout_redirect_uri;
  const formTargets = typeof back === 'string' && URL.canParse(back) ? [formTarget(back)] : [];
  show(ctx, {
    title: 'Sign out',
    formTargets,
    body: html`${new Html(form)}
      <p>Do you want to sign out of MaxRay? Apps that you let in for longer keep their access.</p>
      <button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
      <button type="submit" form="op.logoutForm">Stay signed in</button>`,
  });
}

export async function renderSignedOut(ctx: KoaContextWithOIDC): Promise<void> {
  show(ctx, { title: 'Done', body: html`<p>You can close this page.</p>` });
}

/** What cannot be told to the app, because it is not sure which one it is. */
export async function renderErrorPage(ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void> {
  const { error, error_description: description } = out;
  show(ctx, {
    title: 'This does not work',
    body: html`<p class="problem" role="alert">${description ?? error}</p>
      <p>Go back to the app and begin again. If it happens again, tell its makers: ${error}.</p>`,
  });
}

/** Source expression of a redirect URI for a content security policy: an origin, or the scheme of an app on a device. */
export function formTarget(uri: string): string {
  const { origin, protocol } = new URL(uri);
  return origin === 'null' ? protocol : origin;
}
