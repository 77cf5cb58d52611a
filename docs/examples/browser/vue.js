// Vue: the session as a ref. It is undefined until it is known, and null when nobody is signed in.
import { shallowRef } from 'vue';
import { gatelet } from './client.js';

export const session = shallowRef();
gatelet.on('session', (value) => { session.value = value; });
gatelet.session().catch(() => {}); // an outage is told as `connection`
