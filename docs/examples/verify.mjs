// Checks an access token of the gateway, as an API does with each request: node verify.mjs < token
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const ISSUER = 'http://localhost:8787'; // the gateway's address, exactly as it stands in `iss`
const AUDIENCE = 'https://orders.example.com'; // this API, as it stands in the registry
const SCOPE = 'orders:read'; // what this request needs

// Keeps the published keys, and asks again when a token names a key that it does not know.
const keys = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/jwks.json`), {
  cacheMaxAge: 300_000,
});

/** The claims of a token that may do this; throws for every other. */
export async function check(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'], // never what the token asks for
    typ: 'at+jwt',
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['exp', 'iat', 'sub', 'jti'],
  });
  if (!String(payload.scope).split(' ').includes(SCOPE)) {
    throw new Error(`the scope ${SCOPE} is missing`);
  }
  return payload;
}

try {
  const claims = await check((await text(process.stdin)).trim());
  // Whose request it is: the tenant and the subject, never a name or an address.
  console.log(`yes: tenant ${claims.tid}, role ${claims.role}`);
} catch (refused) {
  console.log(`refused: ${refused.message}`);
}
