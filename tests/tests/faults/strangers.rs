//! People who must not get in, and every dependency failing at every point while they try.

use futures::future::{BoxFuture, FutureExt as _};
use gatelet_played::{Ask, Gateway, Loss, Port, Storm, Who};

/// Somebody who must not get in.
struct Stranger {
    who: &'static str,
    prepare: for<'a> fn(&'a Gateway) -> BoxFuture<'a, Ask>,
}

macro_rules! stranger {
    ($who:literal, $gateway:ident => $ask:expr) => {
        Stranger { who: $who, prepare: |$gateway| async move { $ask }.boxed() }
    };
}

async fn signed_out(gateway: &Gateway) -> (String, String) {
    let cookie = gateway.sign_in(Who::ADA).await;
    let token = gateway.token(&cookie).await;
    let out = gateway.send(&Ask::page_form("/auth/logout", &[]).cookie(&cookie)).await;
    assert_eq!(out.status, 200);
    (cookie, token)
}

async fn signed_out_elsewhere(gateway: &Gateway) -> String {
    let cookie = gateway.sign_in(Who::ADA).await;
    let other = gateway.sign_in(Who::ADA).await;
    let form = [("everywhere", "true")];
    let out = gateway.send(&Ask::page_form("/auth/logout", &form).cookie(&other)).await;
    assert_eq!(out.status, 200);
    cookie
}

static STRANGERS: &[Stranger] = &[
    stranger!("somebody of a tenant that has no role for them",
        g => g.at_callback("/auth/login/one", Who::EVE).await),
    stranger!("somebody of a tenant that is switched off",
        g => g.at_callback("/auth/login/one", Who::DAN).await),
    stranger!("somebody of no tenant", g => g.at_callback("/auth/login/one", Who::MAL).await),
    stranger!("a client's person without a role",
        g => g.at_callback(&Gateway::authorize().path, Who::EVE).await),
    stranger!("a browser that did not begin the sign-in", g => {
        let mut callback = g.at_callback("/auth/login/one", Who::ADA).await;
        callback.headers.retain(|(name, _)| name != "cookie");
        callback
    }),
    stranger!("a callback that was answered before", g => {
        let callback = g.at_callback("/auth/login/one", Who::ADA).await;
        assert!(g.send(&callback).await.lets_in());
        callback
    }),
    stranger!("a session that was signed out",
        g => Ask::page_form("/auth/token", &[]).cookie(&signed_out(g).await.0)),
    stranger!("the extension of a session that was signed out",
        g => Ask::page_form("/auth/session/extend", &[]).cookie(&signed_out(g).await.0)),
    stranger!("a session that was signed out everywhere",
        g => Ask::page_form("/auth/token", &[]).cookie(&signed_out_elsewhere(g).await)),
    stranger!("the API with a session that was signed out everywhere",
        g => Ask::page("/api/me").cookie(&signed_out_elsewhere(g).await)),
    stranger!("a token whose session was signed out",
        g => Ask::bare("GET", "/api/me").bearer(&signed_out(g).await.1)),
    stranger!("a session whose tenant was switched off", g => {
        let cookie = g.sign_in(Who::ADA).await;
        g.store.registry.change("title = \"Acme Works\"", "title = \"Acme\"\nactive = false");
        Ask::page_form("/auth/token", &[]).cookie(&cookie)
    }),
    stranger!("a refresh token whose tenant was switched off", g => {
        let (_, refresh) = g.client_tokens(Who::ADA).await;
        g.store.registry.change("title = \"Acme Works\"", "title = \"Acme\"\nactive = false");
        Gateway::refresh(&refresh)
    }),
    stranger!("a refresh token that was used up", g => {
        let (_, first) = g.client_tokens(Who::ADA).await;
        let second = g.send(&Gateway::refresh(&first)).await.text("refresh_token").unwrap();
        assert_eq!(g.send(&Gateway::refresh(&second)).await.status, 200);
        Gateway::refresh(&first)
    }),
    stranger!("a code that was redeemed", g => {
        let code = g.client_code(Who::ADA).await;
        assert_eq!(g.send(&Gateway::redeem(&code)).await.status, 200);
        Gateway::redeem(&code)
    }),
    stranger!("a token that was given back", g => {
        let cookie = g.sign_in(Who::ADA).await;
        let token = g.token(&cookie).await;
        let back = Ask::page_form("/auth/revoke", &[("token", &token)]).cookie(&cookie);
        assert_eq!(g.send(&back).await.status, 200);
        Ask::bare("GET", "/api/me").bearer(&token)
    }),
];

// Proves std 6, 97, 98; L 5, 6, 25, 38.
#[tokio::test]
async fn nobody_slips_in_while_something_is_away() {
    for Stranger { who, prepare } in STRANGERS {
        for port in Port::ALL {
            for after in 0..60 {
                let mut was_met = false;
                for loss in [Loss::Refused, Loss::AnswerLost] {
                    let begun = Gateway::new(all::routes).await;
                    let ask = prepare(&begun).await;
                    let process = begun.second_process();
                    process.weather.storm(Storm { port, after, lasts: true, loss });
                    let answer = process.send(&ask).await;
                    was_met |= process.weather.calls(port) > after;
                    let served = answer.status == 200 || answer.header("set-cookie").is_some();
                    assert!(!served && !answer.lets_in(), "{who}, {port:?} {after}: {answer:?}");
                    process.weather.clear();
                    let answer = process.send(&ask).await;
                    let served = answer.status == 200 || answer.header("set-cookie").is_some();
                    assert!(!served && !answer.lets_in(), "{who}, afterwards: {answer:?}");
                }
                if !was_met {
                    break;
                }
            }
        }
    }
}
