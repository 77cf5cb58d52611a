//! The runner's function: invoked once, with a token, and nobody guesses what became of it.

use std::time::Duration;

use gatelet_azure::FunctionInvoke;
use gatelet_core::automation::channel::{Invoke as _, Invoked};
use gatelet_core::outage::{Effect, Outage};
use gatelet_core::secrets::SecretBytes;

use crate::server::{Reply, Server, access, access_without_identity};

const SCOPE: &str = "api://runner/.default";

async fn invoke(server: &Server) -> Result<Invoked, Outage> {
    let address = server.url().join("run").unwrap();
    let invoke = FunctionInvoke::with_access(&access(), address, SCOPE);
    invoke.invoke(SecretBytes::new(b"{\"v\":1}".to_vec()), Duration::from_mins(1)).await
}

#[tokio::test]
async fn an_invocation_is_posted_once_with_a_token() {
    let server = Server::start(|_| Reply::json(200, r#"{"exit":{"status":0}}"#)).await;
    let invoked = invoke(&server).await.unwrap();
    assert_eq!(invoked, Invoked::Answered(br#"{"exit":{"status":0}}"#.to_vec()));
    let asked = server.asked();
    let [request] = asked.as_slice() else { panic!("asked {} times", asked.len()) };
    assert!(request.starts_with("POST /run ") && request.ends_with("{\"v\":1}"), "{request}");
    assert!(request.contains("authorization: Bearer token"), "{request}");
}

#[tokio::test]
async fn what_was_refused_never_began_and_what_was_lost_nobody_knows() {
    let replies: [(fn() -> Reply, Effect); 6] = [
        (|| Reply::HangUp, Effect::Unknown),
        (|| Reply::Silence, Effect::Unknown),
        (|| Reply::status(500), Effect::Unknown),
        (|| Reply::status(502), Effect::Unknown),
        (|| Reply::status(403), Effect::Nothing),
        (|| Reply::status(429), Effect::Nothing),
    ];
    for (number, (reply, effect)) in replies.into_iter().enumerate() {
        let server = Server::start(move |_| reply()).await;
        let outage = invoke(&server).await.unwrap_err();
        assert_eq!((outage.effect, server.asked().len()), (effect, 1), "{number}");
    }
    let outage = invoke(&Server::gone().await).await.unwrap_err();
    assert_eq!(outage.effect, Effect::Nothing);
}

#[tokio::test]
async fn without_a_token_nothing_is_invoked() {
    let server = Server::start(|_| Reply::json(200, "{}")).await;
    let address = server.url().join("run").unwrap();
    let invoke = FunctionInvoke::with_access(&access_without_identity(), address, SCOPE);
    let outage = invoke.invoke(SecretBytes::new(Vec::new()), Duration::from_mins(1)).await;
    assert_eq!(outage.unwrap_err().effect, Effect::Nothing);
    assert_eq!(server.asked().len(), 0);
}
