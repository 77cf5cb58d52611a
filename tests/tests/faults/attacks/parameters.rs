//! The same parameter twice, in two places, or in another coat.

use gatelet_played::{Ask, CLIENT, Gateway, REDIRECT, VERIFIER, Who};

// Proves std 14; L 36, 54.
#[tokio::test]
async fn a_parameter_that_stands_twice_begins_nothing() {
    let gateway = Gateway::new(all::routes).await;
    for query in [
        "target=/&target=//evil.example",
        "target=/&%74arget=//evil.example",
        "tenant=acme&tenant=globex",
        "step_up=1&step_up=0",
    ] {
        let answer = gateway.send(&Ask::navigate(format!("/auth/login/one?{query}"))).await;
        assert_eq!(answer.refusal().as_deref(), Some("bad_request"), "{query}");
        assert!(answer.header("set-cookie").is_none());
    }
    for more in
        ["client_id=desk", "redirect_uri=https://evil.example", "state=other", "provider=two"]
    {
        let mut ask = Gateway::authorize();
        ask.path = format!("{}&{more}", ask.path);
        let answer = gateway.send(&ask).await;
        assert!(answer.location().starts_with("/error/bad_request?"), "{more}: {answer:?}");
    }
}

// Proves std 6; L 36.
#[tokio::test]
async fn a_callback_with_two_states_or_codes_signs_nobody_in() {
    let gateway = Gateway::new(all::routes).await;
    for more in ["state=other", "code=other", "iss=https://two.example", "%73tate=other"] {
        let mut callback = gateway.at_callback("/auth/login/one", Who::ADA).await;
        let honest = callback.clone();
        callback.path = format!("{}&{more}", callback.path);
        let answer = gateway.send(&callback).await;
        assert_eq!(answer.refusal().as_deref(), Some("bad_request"), "{more}");
        assert!(!answer.lets_in());
        assert!(gateway.send(&honest).await.lets_in(), "and it used nothing up");
    }
}

// Proves L 36, 49.
#[tokio::test]
async fn a_form_with_a_parameter_twice_or_of_another_kind_gets_no_token() {
    let gateway = Gateway::new(all::routes).await;
    let code = gateway.client_code(Who::ADA).await;
    let honest = Gateway::redeem(&code);
    for more in ["&client_id=desk", "&code=other", "&grant_type=refresh_token", "&redirect_uri=x"] {
        let mut ask = honest.clone();
        ask.body.extend_from_slice(more.as_bytes());
        let code = gateway.send(&ask).await.code();
        assert_eq!(code, (400, "invalid_request".into()), "{more}");
    }
    let json = serde_json::json!({
        "grant_type": "authorization_code", "client_id": CLIENT, "code": code,
        "redirect_uri": REDIRECT, "code_verifier": VERIFIER,
    });
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let mut ask = Ask::bare("POST", "/auth/token").header("content-type", kind);
        ask.body = json.to_string().into_bytes();
        assert_eq!(gateway.send(&ask).await.status, 400, "{kind}");
    }
    let mut in_query = Ask::bare("POST", "/auth/token");
    in_query.path = format!("/auth/token?{}", String::from_utf8(honest.body.clone()).unwrap());
    assert!(!gateway.send(&in_query).await.lets_in(), "a query is no form");
    assert_eq!(gateway.send(&honest).await.status, 200, "and nothing was used up");
}
