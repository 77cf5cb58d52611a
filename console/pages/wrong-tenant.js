// A link of another tenant. Whether that tenant exists, and lets this person in, is the sign-in's to say.

import { html } from '../vendor/preact.js';
import { Page } from '../parts/page.js';
import { returnTo } from '../shell/router.js';
import { mine } from '../shell/session.js';

/** @param {{ tenant: string }} props */
export default function WrongTenant({ tenant }) {
  const session = mine();
  const to = `/auth/login/${encodeURIComponent(session.provider)}?${new URLSearchParams({ target: returnTo(), tenant })}`;
  return html`
    <${Page} narrow title="This link is for another tenant" state="wrong-tenant">
      <p>It belongs to <strong>${tenant}</strong>. You are signed in to <strong>${session.tenantTitle}</strong>, and a session is for one tenant.</p>
      <p>If ${tenant} lets you in, signing in there ends this session and opens the link. If it does not, you are told so.</p>
      <div class="actions">
        <a class="button primary" href=${to}>Sign in to ${tenant}</a>
        <a class="button" href="/">Stay in ${session.tenantTitle}</a>
      </div>
    <//>`;
}
