// Why something came to nothing, in words, by code. docs/reference/errors.md lists the same codes.

/** What can be done now. The second part of each entry below names one of these. */
const NEXT = {
  admin: 'An administrator of your tenant can change this.',
  again: 'Sign in again.',
  app: 'Whoever made the application that sent you here can change this.',
  home: 'Start from the first page.',
  maker: 'Whoever made the program that asked can change this.',
  none: '',
  operator: 'Whoever runs this gateway finds the cause in its log.',
  region: 'Go to that region’s address.',
  retry: 'Trying again is safe.',
  wait: 'Wait a moment, then try again.',
};

/** Sign-ins that came to nothing. */
const REFUSALS = {
  bad_id_token: ['The provider’s proof of who you are is not valid.', 'operator'],
  bad_redirect_uri: ['The application wants its answer at an address that is not registered.', 'app'],
  bad_request: ['The request lacks something, or names something twice.', 'home'],
  bad_target: ['The place to return to is not part of this gateway.', 'home'],
  cancelled: ['You, or your administrator, said no at the provider.', 'again'],
  no_role: ['Your tenant has no role for you.', 'admin'],
  no_tenant: ['You belong to no tenant of this gateway, or not to the one that was asked for.', 'admin'],
  nonce_mismatch: ['The provider answered to another sign-in than yours.', 'again'],
  other_person: ['Somebody else than the person of this session proved who they are. Sign out first to change the person.', 'none'],
  other_provider: ['The answer came from another provider than the one you chose.', 'again'],
  provider_error: ['The provider reported an error of its own.', 'again'],
  provider_refused: ['The provider did not confirm the sign-in.', 'again'],
  sign_in_lost: ['It took longer than ten minutes, or it began in another browser.', 'again'],
  sign_in_too_old: ['You proved who you are longer ago than was asked for.', 'again'],
  sign_in_too_weak: ['Your proof of who you are was weaker than what was asked for.', 'again'],
  sign_in_used: ['This sign-in was finished before, perhaps in another tab.', 'again'],
  tenant_inactive: ['Your tenant is switched off.', 'operator'],
  too_many_groups: ['You are in more groups than the provider reports, so that your role is not known.', 'admin'],
  unavailable: ['Something that the gateway needs is away. Nothing was changed, and no session ended.', 'retry'],
  unknown_client: ['The application is not registered here.', 'app'],
  unknown_provider: ['There is no such provider here.', 'home'],
  wrong_issuer: ['The answer came from somebody else than the provider.', 'operator'],
};

/** What the API says no to, and how the page that stands for it is headed. */
const PROBLEMS = {
  already_there: ['It exists, and was not changed.', 'none'],
  bad_path: ['The address has empty parts, or hides a separator.', 'home'],
  bad_request: ['The request was malformed.', 'home'],
  busy: ['As many runs of this automation go on as may.', 'wait'],
  connection_missing: ['Your tenant has no connection that this needs.', 'admin'],
  ends_anyway: ['The session is at its longest. Sign in again before it ends.', 'none'],
  idempotency_key_missing: ['The request did not name itself, so that it could be told from its repetition.', 'maker'],
  idempotency_mismatch: ['Something else was asked for under the same key before. Nothing was started.', 'none'],
  insufficient_scope: ['Your role does not cover this.', 'admin'],
  internal: ['Something broke in the gateway.', 'operator'],
  invalid_inputs: ['Some of what was given is not what is asked for.', 'none'],
  invalid_token: ['The access token is over, or was taken back.', 'retry'],
  method_not_allowed: ['The gateway does not take this kind of request there.', 'home'],
  not_a_navigation: ['The address was loaded by a frame, a script or in advance. Open it in a window.', 'none'],
  not_admitted: ['The rules of your tenant no longer let you in.', 'admin'],
  not_found: ['There is nothing at this address, or nothing that you may know of.', 'home'],
  not_from_our_page: ['The request did not come from a page of this gateway.', 'home'],
  not_through_front: ['The gateway was called past its front door.', 'operator'],
  not_yours: ['Somebody else asked for this run.', 'admin'],
  nothing_uncertain: ['No step of the run waits for a decision any more.', 'none'],
  other_host: ['This gateway does not answer for that host.', 'operator'],
  other_region: ['Your tenant has its home in another region. Nothing was changed here.', 'region'],
  out_of_turn: ['Another message of the script is due.', 'none'],
  role_required: ['Your role does not start this.', 'admin'],
  run_over: ['The run is over, and nothing about it changes any more.', 'none'],
  sandbox_unavailable: ['This host keeps scripts apart less well than this asks.', 'operator'],
  sign_in_required: ['Your session is over.', 'again'],
  step_up_required: ['This needs a newer or stronger sign-in than yours.', 'again'],
  too_large: ['What was sent is larger than the gateway takes.', 'none'],
  too_many_requests: ['There were too many requests in a short time. Nothing was changed.', 'wait'],
  unavailable: ['Something that the gateway needs is away. Nothing was changed, and no session ended.', 'retry'],
  unknown_attempt: ['The attempt is over, or this is not its key.', 'none'],
  unsupported_media_type: ['What was sent is of a kind that the gateway does not read.', 'none'],
};

/** What the token endpoint says no to, in the words of OAuth. */
const OAUTH = {
  invalid_client: ['The program that asked is not registered here.', 'maker'],
  invalid_grant: ['What was shown for a token is over, was used, or belongs to another program.', 'again'],
  invalid_request: ['The request for a token was malformed.', 'maker'],
  invalid_scope: ['More was asked for than your role covers, or than there is.', 'admin'],
  invalid_target: ['The API that the token is for is not known here.', 'maker'],
  unauthorized_client: ['The program may not ask for tokens in this way.', 'maker'],
  unsupported_grant_type: ['Tokens are not given in this way here.', 'maker'],
  unsupported_token_type: ['Tokens of this kind cannot be taken back.', 'maker'],
};

/** What the client found by itself, before there was an answer with a code. @type {Record<string, string[]>} */
const OF_CLIENT = {
  gone: PROBLEMS.not_found,
  forbidden: PROBLEMS.insufficient_scope,
  rate_limited: PROBLEMS.too_many_requests,
  signed_out: PROBLEMS.sign_in_required,
  step_up_needed: PROBLEMS.step_up_required,
};

/** The heading of a page about a code. @type {Record<string, string>} */
const HEADINGS = {
  insufficient_scope: 'You may not do this',
  internal: 'The gateway broke',
  not_admitted: 'You may not do this',
  not_found: 'Not found',
  other_host: 'Another host',
  other_region: 'Kept in another region',
  too_many_requests: 'Too many requests',
  unavailable: 'Gatelet cannot be used right now',
};

/** Codes of people whom the provider knows and no tenant lets in. */
export const NO_ACCESS = ['no_tenant', 'no_role', 'too_many_groups', 'not_admitted', 'tenant_inactive'];

/**
 * Says a code in words.
 * @param {string} code
 * @returns {{ heading: string, why: string, next: string, way: string, known: boolean }}
 */
export function said(code) {
  const has = (/** @type {object} */ list) => Object.hasOwn(list, code);
  /** @type {Record<string, string[]>} */
  const list = [REFUSALS, PROBLEMS, OAUTH].find(has) ?? OF_CLIENT;
  const [why, way] = has(list) ? list[code] : ['The gateway gave no reason that this page knows.', 'operator'];
  const heading = has(HEADINGS) ? HEADINGS[code] : has(REFUSALS) ? 'You were not signed in' : 'This did not work';
  return { heading, why, next: NEXT[/** @type {keyof typeof NEXT} */ (way)], way, known: has(list) };
}
