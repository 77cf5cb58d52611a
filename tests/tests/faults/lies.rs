//! Providers that are broken, slow to come back, or lie, at each of their three addresses.

use gatelet_played::{Ask, Gateway, Who};

const DISCOVERY: &str = "/.well-known/openid-configuration";

fn rubbish() -> Vec<(u16, Vec<u8>)> {
    vec![
        (500, b"<h1>Internal Server Error</h1>".to_vec()),
        (502, Vec::new()),
        (429, br#"{"error":"slow_down"}"#.to_vec()),
        (302, Vec::new()),
        (404, b"{}".to_vec()),
        (200, Vec::new()),
        (200, b"<html>our portal</html>".to_vec()),
        (200, b"null".to_vec()),
        (200, b"[]".to_vec()),
        (200, b"{}".to_vec()),
        (200, b"{\"keys\":null}".to_vec()),
        (200, b"\xff\xfe\x00".to_vec()),
        (200, vec![b'['; 200 * 1024]),
        (200, vec![b' '; 300 * 1024]),
    ]
}

// Proves std 19; L 16, 36.
#[tokio::test]
async fn whatever_a_provider_says_instead_of_the_truth_nobody_is_signed_in_and_the_next_try_works()
{
    for path in [DISCOVERY, "/token", "/keys"] {
        for (status, body) in rubbish() {
            let begun = Gateway::new(all::routes).await;
            let callback = begun.at_callback("/auth/login/one", Who::ADA).await;
            let process = begun.second_process();
            process.store.providers.lie(path, status, body);
            let answer = process.send(&callback).await;
            let error = answer.refusal().unwrap_or_default();
            let promised = ["unavailable", "bad_id_token", "provider_refused"];
            assert!(promised.contains(&&*error), "{path} {status}: {answer:?}");
            assert!(answer.header("set-cookie").is_none() && !answer.lets_in());
            process.store.providers.be_honest();
            process.clock.set(gatelet_played::NOW + std::time::Duration::from_secs(35));
            process.store.right_clock.set(gatelet_played::NOW + std::time::Duration::from_secs(35));
            process.sign_in(Who::ADA).await;
        }
    }
}

// Proves std 114; L 16.
#[tokio::test]
async fn a_provider_that_names_addresses_without_tls_or_of_our_own_network_is_not_followed() {
    for address in [
        "http://one.example/keys",
        "https://127.0.0.1/keys",
        "https://[::1]/keys",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/keys",
        "https://localhost/keys",
        "https://user:pass@one.example/keys",
        "ftp://one.example/keys",
        "file:///etc/passwd",
    ] {
        for member in ["token_endpoint", "jwks_uri", "authorization_endpoint"] {
            let gateway = Gateway::new(all::routes).await;
            let mut document = serde_json::json!({
                "issuer": "https://one.example",
                "authorization_endpoint": "https://one.example/authorize",
                "token_endpoint": "https://one.example/token",
                "jwks_uri": "https://one.example/keys",
            });
            document[member] = address.into();
            gateway.store.providers.lie(DISCOVERY, 200, document.to_string());
            let answer = gateway.send(&Ask::navigate("/auth/login/one")).await;
            let error = answer.refusal();
            assert_eq!(error.as_deref(), Some("unavailable"), "{member} {address}: {answer:?}");
            let asked = gateway.store.providers.addresses();
            assert!(asked.iter().all(|at| at.starts_with("https://one.example/")), "{asked:?}");
        }
    }
}
