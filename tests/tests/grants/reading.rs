//! Texts that strangers send as codes and tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::stage::{CLIENT, Stage};

fn refused() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[test]
fn no_text_is_taken_for_a_code_or_a_refresh_token() {
    let runtime = Runtime::new().unwrap();
    let stage = runtime.block_on(Stage::new());
    let held = runtime.block_on(stage.client("acme/ada"));
    let (family, _) = held.refresh.split_once('.').unwrap();
    let strategy = (
        proptest::bool::ANY,
        proptest::string::string_regex("[\\PC]{0,40}|[0-9a-f]{32}|[0-9.]{1,12}").unwrap(),
        proptest::string::string_regex("(\\.[\\PC]{0,50}){0,3}|\\.[0-9]{1,12}\\.[A-Za-z0-9_-]{43}")
            .unwrap(),
    );
    let mut runner = TestRunner::new(Config::with_cases(128));
    let tried = runner.run(&strategy, |(known, begins, ends)| {
        let text = format!("{}{ends}", if known { family } else { &begins });
        runtime.block_on(async {
            // A character that stands for unreadable bytes is refused with the whole form.
            let unread = text.is_empty() || text.contains('\u{fffd}');
            for answer in [stage.redeem(&text).await, stage.refresh(&text).await] {
                let expected = if unread { "invalid_request" } else { "invalid_grant" };
                assert_eq!(answer.error(), (400, expected.to_owned()), "{text}");
            }
            let form = [("client_id", CLIENT), ("token", &*text)];
            let status = stage.post("/auth/revoke", &form).await.status.as_u16();
            assert_eq!(status, if unread { 400 } else { 200 }, "{text}");
        });
        Ok(())
    });
    tried.unwrap();
    runtime.block_on(async { stage.refresh(&held.refresh).await.ok() });
}

// Proves std 74.
#[tokio::test]
async fn every_bit_of_a_refresh_token_is_protected() {
    let stage = Stage::new().await;
    let held = stage.client("acme/ada").await;
    let other = stage.client("acme/bob").await;
    let parts: Vec<&str> = held.refresh.split('.').collect();
    let [family, generation, tag] = parts[..] else { panic!("three parts") };
    assert_eq!((family.len(), generation, tag.len()), (32, "0", 43));
    let tag = URL_SAFE_NO_PAD.decode(tag).unwrap();
    let mut forged = Vec::new();
    for bit in 0..tag.len() * 8 {
        let mut flipped = tag.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        forged.push(format!("{family}.0.{}", URL_SAFE_NO_PAD.encode(flipped)));
    }
    let tag = URL_SAFE_NO_PAD.encode(tag);
    let (others, _) = other.refresh.split_once('.').unwrap();
    forged.push(format!("{others}.0.{tag}"));
    for generation in ["1", "00", "+0", "-0", " 0", "0 ", "4294967295", "4294967296", ""] {
        forged.push(format!("{family}.{generation}.{tag}"));
    }
    forged.push(format!("{}.0.{tag}", family.to_uppercase()));
    forged.push(format!("{family}.0.{tag}="));
    forged.push(format!("{family}.0.{tag}."));
    for token in &forged {
        if *token != held.refresh {
            assert_eq!(stage.refresh(token).await.error(), refused(), "{token}");
            let form = [("client_id", CLIENT), ("token", &**token)];
            stage.post("/auth/revoke", &form).await.ok();
        }
    }
    stage.refresh(&held.refresh).await.ok();
    stage.refresh(&other.refresh).await.ok();
}
