// Answers in the gateway's place: outages, refusals, and its own answers with something else in them.

/** A problem document with its headers, as the gateway writes it. */
export const problem = (status, code, title, { retryAfter, headers, ...more } = {}) => ({
  status,
  headers: { ...headers, ...(retryAfter && { 'retry-after': String(retryAfter) }) },
  body: { type: `urn:gatelet:problem:${code}`, code, title, status, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', ...(retryAfter && { retry_after: retryAfter }), ...more },
});

export const AWAY = problem(503, 'unavailable', 'A dependency is away; try again soon', { retryAfter: 30 });
export const OFTEN = problem(429, 'too_many_requests', 'Too many requests; wait a little', { retryAfter: 30 });
export const THERE = problem(421, 'other_region', 'This has its home in another region', { base_url: 'https://us.gate.example/' });
export const SIGNED_OUT = problem(401, 'sign_in_required', 'Sign in to go on');
export const STEP_UP = problem(401, 'step_up_required', 'This needs a more recent or a stronger sign-in', {
  headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age="900"' },
});

/** The gateway's own answer with these members instead of its own; a function is told what stood there. */
export const patched = (members) => async (route) => {
  const answer = await route.fetch();
  if (!answer.ok()) return route.fulfill({ response: answer });
  const body = await answer.json();
  const changed = Object.entries(members).map(([name, value]) => [name, typeof value === 'function' ? value(body) : value]);
  return route.fulfill({ response: answer, json: { ...body, ...Object.fromEntries(changed) } });
};

/** The session is near its end: this many seconds were left when it was first asked for. */
export const ending = (member, left) => {
  let at;
  return patched({ [member]: ({ now }) => { at ??= now + left; return at; } });
};

/** The same, and when that time is over nobody is signed in any more. */
export const over = (member, left) => {
  let until;
  const first = ending(member, left);
  return (route) => {
    until ??= Date.now() + left * 1000;
    return give(route, Date.now() < until ? first : SIGNED_OUT);
  };
};

/** These answers one after the other, and the last of them from then on. */
export const inTurn = (...answers) => {
  let count = 0;
  return (route) => {
    count += 1;
    return give(route, answers[Math.min(count, answers.length) - 1]);
  };
};

/** Gives one answer: a function of the route, what a problem is made of, or a word. */
export async function give(route, answer) {
  if (typeof answer === 'function') return answer(route);
  if (answer === 'own') return route.fallback();
  if (answer === 'gone') return route.abort('connectionrefused');
  if (answer === 'silent') return undefined;
  const { status = 200, body, headers = {} } = answer;
  const contentType = status < 400 ? 'application/json' : 'application/problem+json';
  return route.fulfill({ status, headers, contentType, body: JSON.stringify(body) });
}
