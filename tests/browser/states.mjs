// Every page of the console in every state, and how to reach it. What looks at pages walks this one table.
//
// name: the golden file and the picture. page: the file in console/pages/. at: the address; `null` if `then` opens it.
// who: the person that is signed in. answers: what comes in the gateway's place. before: done before the page is opened.
// then: done on the page. shows: what says that the state is there. clock: the browser's clock is the test's.
// complains: what the browser may report in this state. options: of the person's browser.

import { AWAY } from './stage.mjs';

export const STATES = [
  {
    name: 'sign-in', page: 'sign-in', at: '/',
    shows: (page) => page.getByRole('link', { name: 'Pocket provider' }),
  },
  {
    name: 'sign-in-away', page: 'sign-in', at: '/', answers: { '/auth/providers': AWAY },
    shows: (page) => page.getByRole('alert').filter({ hasText: 'could not be listed' }),
  },
  {
    name: 'signed-in', page: 'home', at: '/', who: 'eda',
    shows: (page) => page.getByRole('heading', { name: 'Your session' }),
  },
];
