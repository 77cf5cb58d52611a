// React: the session as a hook. It is undefined until it is known, and null when nobody is signed in.
import { useSyncExternalStore } from 'react';
import { gatelet } from './client.js';

let current;
gatelet.on('session', (session) => { current = session; });
gatelet.session().catch(() => {}); // an outage is told as `connection`
const subscribe = (changed) => gatelet.on('session', changed);
export const useSession = () => useSyncExternalStore(subscribe, () => current);
