// What an application writes in TypeScript. The compiler reads it in a test; it is never run.

import { createGatelet, GateletError, type Gatelet, type Session } from './gatelet.js';

const gatelet: Gatelet = createGatelet({ apis: { 'https://orders.example.com': { scope: 'orders:read' } }, mode: 'token', early: 90 });
createGatelet().close();

export async function show(): Promise<string> {
  const session: Session | null = await gatelet.session({ fresh: true });
  if (!session) {
    gatelet.signIn('entra', { returnTo: '/app', maxAge: 0, tenant: 'acme' });
    return '';
  }
  const answer: Response = await gatelet.fetch('https://orders.example.com/v1/orders', { method: 'POST' });
  const stop: () => void = gatelet.on('expiring', async ({ extend, kind, at }) => {
    if (kind === 'idle' && at > gatelet.now()) await extend?.();
  });
  gatelet.on('ended', ({ reason }) => { if (reason === 'other-tab') stop(); });
  gatelet.on('step-up', ({ needed, resume }) => { void resume({ returnTo: `/x?${needed.acr}` }); });
  return session.name ?? session.tenantTitle + answer.status;
}

export function words(error: unknown): string {
  if (!(error instanceof GateletError)) throw error;
  switch (error.code) {
    case 'signed_out': return 'Sign in';
    case 'other_region': return error.baseUrl ?? '';
    case 'not_valid': return error.errors.map(({ pointer, message }) => pointer + message).join();
    default: return error.traceId ?? error.message;
  }
}

// @ts-expect-error The session may be null.
gatelet.session().then((session) => session.name);
// @ts-expect-error There is no such event.
gatelet.on('signed-in', () => {});
// @ts-expect-error There is no such mode.
createGatelet({ mode: 'storage' });
// @ts-expect-error The value of a token is never told.
gatelet.on('token', ({ value }) => value);
// @ts-expect-error Apis are named by their origins.
createGatelet({ apis: ['https://orders.example.com'] });
// @ts-expect-error There is no such code.
new GateletError('sorry');
