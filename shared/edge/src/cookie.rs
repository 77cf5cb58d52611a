//! Our cookies: their names, their attributes, and finding them in a request.

use gatelet_core::registry::is_local;
use gatelet_core::session::SessionKey;
use gatelet_core::sign_in::{Carried, LIFE};
use http::{HeaderMap, header};
use url::Url;

/// The cookie's name. The prefix makes browsers refuse the cookie from a sibling host or without TLS; only
/// `http://localhost`, where no prefix can be used, goes without.
#[must_use]
pub fn session_cookie_name(base_url: &Url) -> &'static str {
    if is_local(base_url) { "bff_session" } else { "__Host-bff_session" }
}

/// The value of a `Set-Cookie` header that hands the key to the browser.
#[must_use]
pub fn session_cookie_value(base_url: &Url, key: &SessionKey) -> String {
    let secure = if is_local(base_url) { "" } else { "; Secure" };
    let name = session_cookie_name(base_url);
    format!("{name}={}; Path=/; HttpOnly; SameSite=Strict{secure}", key.expose())
}

/// The value of a `Set-Cookie` header that takes the key from the browser again.
#[must_use]
pub fn session_cookie_gone(base_url: &Url) -> String {
    let secure = if is_local(base_url) { "" } else { "; Secure" };
    let name = session_cookie_name(base_url);
    format!("{name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}")
}

/// Whether a session cookie came with a request, be it good, malformed or planted.
pub(crate) fn names_session(headers: &HeaderMap, base_url: &Url) -> bool {
    let name = session_cookie_name(base_url).as_bytes();
    let mut lines = headers.get_all(header::COOKIE).iter();
    lines.any(|line| line.as_bytes().windows(name.len()).any(|part| part == name))
}

/// The session key of a request.
pub(crate) fn find_session_key(headers: &HeaderMap, base_url: &Url) -> Option<SessionKey> {
    find_one(headers, session_cookie_name(base_url)).and_then(|value| SessionKey::parse(value).ok())
}

/// The value of a `Set-Cookie` header that hands the browser a sign-in under way. It must come back from the
/// provider, which is another site, so it is `Lax`.
pub(crate) fn sign_in_cookie_value(base_url: &Url, slot: usize, sealed: &str) -> String {
    let secure = if is_local(base_url) { "" } else { "; Secure" };
    let (name, seconds) = (sign_in_cookie_name(base_url, slot), LIFE.as_secs());
    format!("{name}={sealed}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// What a request carries of sign-ins under way.
pub(crate) fn find_sign_ins(headers: &HeaderMap, base_url: &Url) -> Carried {
    std::array::from_fn(|slot| {
        find_one(headers, &sign_in_cookie_name(base_url, slot)).map(str::to_owned)
    })
}

fn sign_in_cookie_name(base_url: &Url, slot: usize) -> String {
    let prefix = if is_local(base_url) { "" } else { "__Host-" };
    format!("{prefix}bff_login_{slot}")
}

/// The value of the one cookie of this name. Two are none: one of them was planted. Pairs may be separated by
/// commas too, because one of the hosts joins several `Cookie` lines that way.
fn find_one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split([';', ',']))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn found(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().unwrap());
        }
        find_session_key(&headers, &Url::parse("https://gate.example").unwrap()).is_some()
    }

    #[test]
    fn finds_the_one_cookie_however_the_host_joined_the_lines() {
        assert!(found(&[&format!("a=1; __Host-bff_session={KEY}; b=2")]));
        assert!(found(&[&format!("a=1,__Host-bff_session={KEY},b=2")]));
        assert!(found(&["a=1", &format!("__Host-bff_session={KEY}")]));
    }

    // Proves std 33; L 14.
    #[test]
    fn takes_no_planted_malformed_or_unprefixed_cookie() {
        let one = format!("__Host-bff_session={KEY}");
        assert!(!found(&[&format!("{one}; {one}")]), "twice in one line");
        assert!(!found(&[&one, &one]), "twice in two lines");
        assert!(!found(&[&format!("bff_session={KEY}")]), "without the prefix");
        assert!(!found(&[&format!("__Host-bff_session={KEY}A")]), "too long");
        assert!(!found(&["__Host-bff_session="]), "empty");
    }

    // Proves std 34; L 14.
    #[test]
    fn a_sign_in_under_way_has_a_cookie_of_its_own_that_comes_back_from_another_site() {
        let base = Url::parse("https://gate.example").unwrap();
        assert_eq!(
            sign_in_cookie_value(&base, 3, "1.sealed"),
            "__Host-bff_login_3=1.sealed; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
        );
        let local = Url::parse("http://localhost:8787").unwrap();
        assert_eq!(
            sign_in_cookie_value(&local, 0, "1.sealed"),
            "bff_login_0=1.sealed; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"
        );
        let mut headers = HeaderMap::new();
        let line = "__Host-bff_login_0=a,__Host-bff_login_4=b; bff_login_1=c; \
                    __Host-bff_login_2=d; __Host-bff_login_2=d; __Host-bff_login_5=e";
        headers.insert(header::COOKIE, line.parse().unwrap());
        let carried = find_sign_ins(&headers, &base);
        assert_eq!(carried, [Some("a".into()), None, None, None, Some("b".into())]);
    }

    // Proves std 31, 32, 33.
    #[test]
    fn only_localhost_goes_without_prefix_and_secure() {
        let key = SessionKey::parse(KEY).unwrap();
        let local = Url::parse("http://localhost:8787").unwrap();
        assert_eq!(
            session_cookie_value(&local, &key),
            format!("bff_session={KEY}; Path=/; HttpOnly; SameSite=Strict")
        );
        for other in ["https://localhost", "http://localhost.example", "https://gate.example"] {
            let cookie = session_cookie_value(&Url::parse(other).unwrap(), &key);
            assert!(cookie.starts_with("__Host-") && cookie.ends_with("; Secure"), "{other}");
        }
    }
}
