// Serves `oidc-provider` from npm, an OpenID provider that nobody here wrote, with a few accounts.
//
//     node provider.mjs --modules FOLDER --port PORT --cert FILE --key FILE
//
// Sign-in and consent are its own development pages: any password will do. There is no client to begin with;
// each test registers its own (RFC 7591) and gets a secret for it. What is kept lives in memory.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const { values: given } = parseArgs({ options: { modules: text, port: text, cert: text, key: text } });
const entry = resolve(given.modules, 'node_modules/oidc-provider/lib/index.js');
const { default: Provider } = await import(pathToFileURL(entry).href);

const account = (name, org, groups, email_verified = true) =>
  ({ name, org, groups, email: `${name.split(' ')[0].toLowerCase()}@${org ?? 'nowhere'}.example`, email_verified });

/** Everybody by login. `eve` belongs nowhere, and `mallory` has an address that nobody has verified. */
const ACCOUNTS = {
  ada: account('Ada Example', 'acme', ['editors']),
  grace: account('Grace Example', 'acme', ['admins', 'editors']),
  edsger: account('Edsger Example', 'globex', ['admins']),
  barbara: account('Barbara Example', 'initech', ['viewers']),
  eve: account('Eve Example', undefined, []),
  mallory: account('Mallory Example', 'acme', [], false),
};

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') };

const provider = new Provider(`https://127.0.0.1:${given.port}`, {
  jwks: { keys: [key] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  pkce: { required: () => true },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  claims: { openid: ['sub', 'org', 'groups'], profile: ['name'], email: ['email', 'email_verified'] },
  // The ID token carries them, as those of the large providers do.
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    revocation: { enabled: true },
    // A client that asks for it is told the session's `sid`.
    backchannelLogout: { enabled: true },
  },
  findAccount: (_, sub) => ACCOUNTS[sub] && { accountId: sub, claims: () => ({ sub, ...ACCOUNTS[sub] }) },
});

const tls = { cert: readFileSync(given.cert), key: readFileSync(given.key) };
createServer(tls, provider.callback()).listen(Number(given.port), '127.0.0.1');
