"""Checks an access token of the gateway, as an API does with each request: python3 verify.py < token"""

import sys

import jwt

ISSUER = "http://localhost:8787"  # the gateway's address, exactly as it stands in `iss`
AUDIENCE = "https://orders.example.com"  # this API, as it stands in the registry
SCOPE = "orders:read"  # what this request needs

# Keeps the published keys for five minutes, and asks again when a token names a key that it does not know.
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json", lifespan=300)


def check(token: str) -> dict:
    """The claims of a token that may do this; raises for every other."""
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    claims = jwt.decode(
        token,
        KEYS.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],  # never what the token asks for
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
    )
    if SCOPE not in claims.get("scope", "").split():
        raise jwt.InvalidTokenError(f"the scope {SCOPE} is missing")
    return claims


if __name__ == "__main__":
    try:
        claims = check(sys.stdin.read().strip())
    except jwt.PyJWTError as refused:
        print(f"refused: {refused}")
    else:
        # Whose request it is: the tenant and the subject, never a name or an address.
        print(f"yes: tenant {claims['tid']}, role {claims['role']}")
