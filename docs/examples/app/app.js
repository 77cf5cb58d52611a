// An application with sign-in, session and tokens. The client comes from the gateway, so the two fit together.
import { createGatelet } from '/assets/gatelet.js';

const gatelet = createGatelet();
const at = (id) => document.getElementById(id);

function show(session) {
  at('who').textContent = session
    ? `${session.name}, ${session.role} of ${session.tenantTitle}`
    : 'Nobody is signed in.';
  at('in').hidden = Boolean(session);
  at('out').hidden = at('ask').hidden = !session;
  if (!session) at('answer').textContent = '';
}

at('in').addEventListener('click', () => gatelet.signIn());
at('out').addEventListener('click', () => gatelet.signOut());
at('ask').addEventListener('click', async () => {
  // The client gets a token when it needs one, and another before that ends. It never leaves this page's memory.
  const answer = await gatelet.fetch('/api/me');
  at('answer').textContent = JSON.stringify(await answer.json(), null, 2);
});

// In another tab, by time, or by an administrator: whatever belonged to the person leaves the page.
gatelet.on('ended', () => show(null));

try {
  show(await gatelet.session());
} catch {
  // An outage says nothing about the person: neither signed in nor signed out.
  at('who').textContent = 'The gateway is away. You are still signed in if you were.';
}
