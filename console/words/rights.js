// What scopes, roles and claims mean, for people.

/** What each scope of the gateway's own API lets somebody do. @type {Record<string, string>} */
const RIGHTS = {
  me: 'Ask the API who you are',
  'runs:read': 'See runs, their results and their logs',
  'runs:write': 'Start runs, and cancel your own',
  'runs:approve': 'Cancel any run, and record what nobody knows about one',
  'audit:read': 'Read what was recorded',
  'sessions:end': 'End the sessions of people in your tenant',
};

/** @param {string} scope */
export const right = (scope) => (Object.hasOwn(RIGHTS, scope) ? RIGHTS[scope] : 'What the API of this scope says about it');

/** What each claim of an access token says. @type {Record<string, string>} */
export const CLAIMS = {
  iss: 'Issuer: who signed it',
  aud: 'Audience: the API that may accept it',
  sub: 'Subject: you, by an id that tells nothing else',
  tid: 'Tenant: in whose name you act',
  name: 'Name: what people call you',
  role: 'Role: what you are in that tenant',
  scope: 'Scope: what it lets its bearer do',
  client_id: 'Client: the program it was given to',
  sid: 'Session: it ends with this session',
  session_iat: 'When this session began, in milliseconds',
  psid: 'Your session at the provider, as a digest',
  jti: 'Its own id, by which it can be taken back',
  iat: 'Issued at',
  nbf: 'Not valid before',
  exp: 'Valid until',
  auth_time: 'When you last proved who you are',
  acr: 'How strong that proof was',
  amr: 'The methods of that proof',
};

/** Claims that are moments. */
export const MOMENTS = ['iat', 'nbf', 'exp', 'auth_time'];
