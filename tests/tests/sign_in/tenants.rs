//! Which tenant somebody acts in: by rule, by choice, or in another region.

use crate::browser::{Browser, SESSION, request};
use crate::provider::Person;
use crate::stage::Stage;

fn ada() -> Person {
    Person::of("ada", "acme.example")
}

/// Somebody whom two tenants let in.
fn both() -> Person {
    Person::of("eve", "both.example")
}

fn slot(location: &str) -> &str {
    location.strip_prefix("/choose-tenant?slot=").unwrap()
}

// Proves L 9.
#[tokio::test]
async fn of_several_tenants_the_person_chooses_one() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let answer = browser.sign_in(&stage, "/auth/login/one?target=runs", &both()).await;
    let slot = slot(answer.location()).to_owned();
    assert!(!browser.jar.contains_key(SESSION), "nothing is decided yet");
    let listed = browser.ask(&stage, &format!("/auth/choose?slot={slot}")).await.json();
    let expected = serde_json::json!([
        { "id": "acme", "title": "Acme Works" }, { "id": "globex", "title": "Globex" }
    ]);
    assert_eq!(listed["tenants"], expected);
    let chosen = browser.post(&stage, "/auth/choose", &format!("slot={slot}&tenant=globex")).await;
    assert_eq!(chosen.json()["location"], "/t/acme/runs");
    assert_eq!(browser.ask(&stage, "/auth/session").await.json()["tenant"], "globex");
    let again = browser.post(&stage, "/auth/choose", &format!("slot={slot}&tenant=acme")).await;
    assert_eq!(again.problem().0, 401, "a choice is made once");
    assert_eq!(again.set_cookie(), None);
}

#[tokio::test]
async fn a_tenant_that_was_asked_for_is_entered_without_a_question_if_it_fits() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.sign_in(&stage, "/auth/login/one?tenant=globex", &both()).await;
    assert_eq!(browser.ask(&stage, "/auth/session").await.json()["tenant"], "globex");
    let mut other = Browser::default();
    let answer = other.sign_in(&stage, "/auth/login/one?tenant=globex", &ada()).await;
    assert_eq!(answer.refusal(), "no_tenant", "asking for a tenant makes nobody fit");
}

// Proves L 35.
#[tokio::test]
async fn who_somebody_is_never_comes_from_what_they_send() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let answer = browser.sign_in(&stage, "/auth/login/one", &both()).await;
    let slot = slot(answer.location()).to_owned();
    for tenant in ["initech", "closed", "strict", "nobody", "", "ACME"] {
        let form = format!("slot={slot}&tenant={tenant}");
        let refused = browser.post(&stage, "/auth/choose", &form).await;
        assert_eq!(refused.problem(), (400, "bad_request".to_owned()), "{tenant}");
    }
    let form =
        format!("slot={slot}&tenant=acme&userId=root&sub=root&role=admin&groups=acme-admins");
    browser.post(&stage, "/auth/choose", &form).await;
    let view = browser.ask(&stage, "/auth/session").await.json();
    assert_eq!((&view["role"], &view["name"]), (&"viewer".into(), &"Ada L.".into()));
}

// Proves std 44, 45, 47.
#[tokio::test]
async fn only_our_own_page_may_choose_or_extend() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let answer = browser.sign_in(&stage, "/auth/login/one", &both()).await;
    let slot = slot(answer.location()).to_owned();
    let mut other = Browser::default();
    other.sign_in(&stage, "/auth/login/one", &ada()).await;
    browser.jar.insert(SESSION.to_owned(), other.jar[SESSION].clone());
    let from = |site| [("sec-fetch-site", site), ("x-gatelet-csrf", "1")];
    let crossed = [&from("cross-site")[..], &from("same-site"), &from("none")];
    let bare = [("sec-fetch-site", "same-origin")];
    let foreign = [("origin", "https://evil.example"), ("x-gatelet-csrf", "1")];
    for headers in [crossed[0], crossed[1], crossed[2], &bare, &foreign] {
        let choose = format!("/auth/choose?slot={slot}");
        for (method, path) in [
            (http::Method::POST, "/auth/choose"),
            (http::Method::GET, &*choose),
            (http::Method::POST, "/auth/session/extend"),
            (http::Method::GET, "/auth/session"),
        ] {
            let answer = browser.send(&stage, request(method, path, headers), true).await;
            assert_eq!(answer.problem(), (403, "not_from_our_page".into()), "{path} {headers:?}");
            assert_eq!(answer.headers.get("access-control-allow-origin"), None);
        }
    }
}

// Proves L 4.
#[tokio::test]
async fn a_choice_fits_into_a_cookie_however_many_groups_somebody_has() {
    let stage = Stage::new().await;
    let groups = (0..200).map(|n| format!("{n:08}-0000-0000-0000-000000000000"));
    let person = Person { groups: groups.chain(["acme-admins".into()]).collect(), ..both() };
    let mut browser = Browser::default();
    let answer = browser.sign_in(&stage, "/auth/login/one", &person).await;
    assert!(answer.set_cookie().unwrap().len() < 4096);
    let form = format!("slot={}&tenant=acme", slot(answer.location()));
    browser.post(&stage, "/auth/choose", &form).await;
    assert_eq!(browser.ask(&stage, "/auth/session").await.json()["role"], "admin");
}

#[tokio::test]
async fn a_tenant_of_another_region_is_entered_there_and_nothing_of_the_person_stays_here() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let hinted = "/auth/login/one?tenant=initech&target=/t/initech";
    let there = "https://us.gate.example/auth/login/one?target=%2Ft%2Finitech&tenant=initech";
    let answer = browser.navigate(&stage, "same-origin", hinted).await;
    assert_eq!(answer.location(), there);
    assert_eq!(answer.set_cookie(), None);
    let person = Person::of("ivo-at-initech", "initech.example");
    let answer = browser.sign_in(&stage, "/auth/login/one?target=/t/initech", &person).await;
    assert_eq!(answer.location(), there);
    assert_eq!(answer.set_cookie(), None);
    assert!(!stage.has_stored("ivo-at-initech") && !stage.has_stored("initech.example"));
    assert_eq!(stage.trail("initech").await, []);
}

// Proves std 119; L 25.
#[tokio::test]
async fn whoever_fits_no_tenant_is_turned_away_and_learns_nothing_of_any() {
    let stage = Stage::new().await;
    let refusals = [
        ("closed.example", "tenant_inactive"),
        ("strict.example", "no_role"),
        ("nowhere.example", "no_tenant"),
    ];
    for (org, code) in refusals {
        let mut browser = Browser::default();
        let answer = browser.sign_in(&stage, "/auth/login/one", &Person::of("sam", org)).await;
        assert_eq!(answer.refusal(), code);
        assert_eq!(answer.set_cookie(), None);
    }
    for unknown in ["closed", "strict", "nobody"] {
        let mut browser = Browser::default();
        let path = format!("/auth/login/one?tenant={unknown}");
        let answer = browser.sign_in(&stage, &path, &ada()).await;
        assert_eq!(answer.refusal(), "no_tenant", "a stranger to a tenant cannot tell {unknown}");
    }
    assert_eq!(stage.trail("strict").await, [("sign_in".to_owned(), "no_role".to_owned())]);
    let mut admin = Browser::default();
    let groups = vec!["strict-admins".to_owned()];
    let person = Person { groups, ..Person::of("kim", "strict.example") };
    admin.sign_in(&stage, "/auth/login/one", &person).await;
    assert_eq!(admin.ask(&stage, "/auth/session").await.json()["role"], "admin");
}
