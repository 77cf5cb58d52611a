//! Everything too long, too often or too deep.

use gatelet_played::{Ask, Gateway, Who};

use super::{bare, protected};

const LONG: usize = 70 * 1024;

fn is_refused(status: u16) -> bool {
    matches!(status, 303 | 400 | 401 | 403 | 404 | 405 | 413 | 415)
}

// Proves std 38, 84; L 4.
#[tokio::test]
async fn what_is_far_too_long_is_refused_wherever_it_stands() {
    let gateway = Gateway::new(all::routes).await;
    let long = "x".repeat(LONG);
    for route in protected() {
        let asks = [
            bare(&route).bearer(&long),
            bare(&route).from_our_page().cookie(&format!("__Host-bff_session={long}")),
            bare(&route).from_our_page().cookie(&format!("__Host-bff_login_0={long}")),
            bare(&route).from_our_page().cookie(&"a=b;".repeat(LONG / 4)),
            bare(&route).header("traceparent", &long),
            bare(&route).header("content-type", &long),
            Ask { body: long.clone().into_bytes(), ..bare(&route).from_our_page() },
            Ask { body: long.clone().into_bytes(), ..Ask::form(route.path, &[("a", "b")]) },
        ];
        for ask in asks {
            let answer = gateway.send(&ask).await;
            // Whoever has no session of ours is signed out already.
            let is_over = route.name == "logout" && answer.status == 200;
            let refused = is_refused(answer.status) || is_over;
            assert!(refused && !answer.lets_in(), "{}: {answer:?}", route.path);
        }
    }
}

// Proves std 38; L 4.
#[tokio::test]
async fn a_sign_in_with_parameters_that_are_too_long_never_begins() {
    let gateway = Gateway::new(all::routes).await;
    let long = "x".repeat(8 * 1024);
    for path in [
        format!("/auth/login/one?target=/{long}"),
        format!("/auth/login/one?tenant={long}"),
        format!("/auth/login/one?acr={long}"),
        format!("/auth/login/one?max_age={long}"),
        format!("/auth/login/{long}"),
        format!("/auth/callback/one?state={long}&code=x"),
    ] {
        let answer = gateway.send(&Ask::navigate(&path)).await;
        assert!(answer.refusal().is_some(), "{answer:?}");
        assert!(answer.header("set-cookie").is_none());
    }
    for name in ["state", "scope", "resource"] {
        let mut ask = Gateway::authorize();
        ask.path = ask.path.replace("state=its-state", &format!("{name}={long}"));
        let answer = gateway.send(&ask).await;
        assert!(answer.refusal().is_some(), "{name}: {answer:?}");
        assert!(answer.header("set-cookie").is_none());
    }
}

// Proves std 38.
#[tokio::test]
async fn every_cookie_of_ours_stays_far_below_what_browsers_keep() {
    let gateway = Gateway::new(all::routes).await;
    let target = format!("/auth/login/one?target=/{}", "x".repeat(200));
    let begun = gateway.send(&Ask::navigate(target)).await;
    assert!(begun.header("set-cookie").unwrap().len() < 2048);
    let callback = gateway.at_callback("/auth/login/one", Who::ADA).await;
    let session = gateway.send(&callback).await;
    assert!(session.header("set-cookie").unwrap().len() < 512);
}
