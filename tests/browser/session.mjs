// Signs in without a browser: a session's cookie in a few milliseconds.

import { request } from 'node:http';

/** Asks as a browser's window would. (`fetch` says of itself that a script asks.) */
export const ask = (url, { method = 'GET', headers = {}, body = '' } = {}) => new Promise((resolve, reject) => {
  const question = request(url, { method, headers }, async (answer) => {
    let text = '';
    for await (const piece of answer) text += piece;
    const cookies = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]);
    resolve({ status: answer.statusCode, text, location: answer.headers.location, cookie: cookies.join('; ') });
  });
  question.once('error', reject).end(body);
});

/** Signs this person in. The cookie is as it is sent back: `bff_session=…`. */
export async function session(gateway, person = 'ada', agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0') {
  const headers = { 'user-agent': agent };
  const begun = await ask(`${gateway.address}/auth/login/pocket?target=/`, { headers });
  const people = await ask(begun.location);
  const pending = /name="request" value="([^"]+)"/.exec(people.text)[1];
  const chosen = await ask(`${gateway.provider}/authorize`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: gateway.provider },
    body: new URLSearchParams({ request: pending, person }).toString(),
  });
  const { cookie } = await ask(chosen.location, { headers: { ...headers, cookie: begun.cookie } });
  const own = cookie.split('; ').find((pair) => pair.startsWith('bff_session='));
  if (!own) throw new Error(`nobody is signed in: ${gateway.log}`);
  return own;
}
