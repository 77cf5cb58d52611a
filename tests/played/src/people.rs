//! The ways of people and clients, each from its first click to what it is for.

use crate::gateway::Gateway;
use crate::provider::Who;
use crate::visitor::Ask;

/// A client of the registry.
pub const CLIENT: &str = "cli";
/// Where it wants its codes: another port than the registered one, as it is allowed on the loopback.
pub const REDIRECT: &str = "http://127.0.0.1:4711/callback";
/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl Gateway {
    /// Somebody clicks and says yes at the provider. Gives the callback as the browser asks for it.
    pub async fn at_callback(&self, login: &str, who: Who) -> Ask {
        let begun = self.send(&Ask::navigate(login)).await;
        let callback = self.store.providers.approve(begun.location(), who);
        Ask::coming_from("cross-site", callback).cookie(begun.cookie().unwrap())
    }

    /// Signs somebody in. Gives the pair of the session cookie.
    pub async fn sign_in(&self, who: Who) -> String {
        let callback = self.at_callback("/auth/login/one", who).await;
        let answer = self.send(&callback).await;
        assert!(answer.lets_in(), "{answer:?}");
        answer.cookie().unwrap().to_owned()
    }

    /// The page gets an access token.
    pub async fn token(&self, cookie: &str) -> String {
        let answer = self.send(&Ask::page_form("/auth/token", &[]).cookie(cookie)).await;
        answer.text("access_token").unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// The authorization request of the client.
    #[must_use]
    pub fn authorize() -> Ask {
        let redirect = REDIRECT.replace(':', "%3A").replace('/', "%2F");
        Ask::navigate(format!(
            "/auth/authorize?client_id={CLIENT}&redirect_uri={redirect}&response_type=code\
             &code_challenge={CHALLENGE}&code_challenge_method=S256&state=its-state&provider=one"
        ))
    }

    /// Somebody signs in for the client. Gives its code.
    pub async fn client_code(&self, who: Who) -> String {
        let callback = self.at_callback(&Self::authorize().path, who).await;
        let answer = self.send(&callback).await;
        answer.parameter("code").unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// The token request with a code.
    #[must_use]
    pub fn redeem(code: &str) -> Ask {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        Ask::form("/auth/token", &form)
    }

    /// The token request with a refresh token.
    #[must_use]
    pub fn refresh(token: &str) -> Ask {
        let form =
            [("grant_type", "refresh_token"), ("client_id", CLIENT), ("refresh_token", token)];
        Ask::form("/auth/token", &form)
    }

    /// Somebody signs in for the client, which redeems its code. Gives the access and the refresh token.
    pub async fn client_tokens(&self, who: Who) -> (String, String) {
        let code = self.client_code(who).await;
        let answer = self.send(&Self::redeem(&code)).await;
        (answer.text("access_token").unwrap(), answer.text("refresh_token").unwrap())
    }
}
