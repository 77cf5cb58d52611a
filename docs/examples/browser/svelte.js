// Svelte: the session as a store. It is undefined until it is known, and null when nobody is signed in.
import { writable } from 'svelte/store';
import { gatelet } from './client.js';

export const session = writable();
gatelet.on('session', session.set);
gatelet.session().catch(() => {}); // an outage is told as `connection`
