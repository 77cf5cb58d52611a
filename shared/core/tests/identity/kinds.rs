//! What is particular to Entra, Google and Salesforce.

use gatelet_core::identity::Refusal;
use serde_json::json;

use crate::house::{House, ORGANISATION, is_outage, refusal};

const MICROSOFT: &str = "https://login.microsoftonline.com";

fn entra() -> House {
    House::with("kind = \"entra\"", "")
}

// Proves std 16, 26; L 10.
#[tokio::test]
async fn entras_issuer_is_a_template_that_each_token_fills_with_its_own_organisation() {
    let house = entra();
    let facts = house.facts().await;
    assert_eq!(facts.tenant_claim.as_deref(), Some(ORGANISATION));
    assert_eq!(facts.person.issuer, format!("{MICROSOFT}/{ORGANISATION}/v2.0"));
    let asked = house.played.asked("/.well-known/openid-configuration");
    assert_eq!(
        asked[0].path,
        format!("{MICROSOFT}/organizations/v2.0/.well-known/openid-configuration")
    );
}

// Proves std 16; L 10.
#[tokio::test]
async fn an_organisation_that_is_not_the_issuers_is_refused() {
    let house = entra();
    for lie in [
        None,
        Some(json!("11111111-8a0e-4f59-9d1c-2b7f5c7a9e10")),
        Some(json!("{tenantid}")),
        Some(json!(format!("{ORGANISATION}/v2.0/../{ORGANISATION}"))),
        Some(json!(ORGANISATION.to_uppercase())),
        Some(json!("")),
    ] {
        assert_eq!(refusal(house.with_claim("tid", lie).await), Refusal::WrongIssuer);
    }
    for lie in [
        format!("{MICROSOFT}/{{tenantid}}/v2.0"),
        format!("{MICROSOFT}/organizations/v2.0"),
        format!("https://evil.example/{ORGANISATION}/v2.0"),
    ] {
        assert_eq!(refusal(house.with_claim("iss", Some(json!(lie))).await), Refusal::WrongIssuer);
    }
}

// Proves std 26; L 10.
#[tokio::test]
async fn a_document_that_names_one_organisation_is_not_the_templates() {
    let house = entra();
    house.played.set(|state| {
        state.discovery["issuer"] = json!(format!("{MICROSOFT}/{ORGANISATION}/v2.0"));
    });
    assert!(is_outage(&house.redeem().await));
}

// Proves L 10.
#[tokio::test]
async fn a_key_that_serves_one_organisation_signs_for_no_other() {
    let house = entra();
    let bind = |issuer: String| house.played.set(|state| state.keys[0]["issuer"] = json!(issuer));
    bind(format!("{MICROSOFT}/{{tenantid}}/v2.0"));
    house.redeem().await.unwrap();
    let other = entra();
    other.played.set(|state| {
        let issuer = format!("{MICROSOFT}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
        state.keys[0]["issuer"] = json!(issuer);
    });
    assert_eq!(refusal(other.redeem().await), Refusal::WrongIssuer);
}

// Proves std 9.
#[tokio::test]
async fn an_answer_of_entra_may_name_any_organisation_and_nobody_else() {
    let house = entra();
    let good = format!("{MICROSOFT}/{ORGANISATION}/v2.0");
    let bad = [
        format!("{MICROSOFT}/{{tenantid}}/v2.0"),
        format!("{MICROSOFT}/a/b/v2.0"),
        format!("{MICROSOFT}//v2.0"),
        format!("{MICROSOFT}.evil.example/{ORGANISATION}/v2.0"),
        "https://accounts.google.com".to_owned(),
    ];
    house.check_response_issuer(Some(&good)).await.unwrap();
    for lie in bad {
        assert_eq!(refusal(house.check_response_issuer(Some(&lie)).await), Refusal::WrongIssuer);
    }
}

// Proves L 25.
#[tokio::test]
async fn groups_that_entra_left_out_are_a_refusal_of_their_own() {
    let house = entra();
    let names = json!({ "groups": "src1" });
    let outcome = house.with_claim("_claim_names", Some(names)).await;
    assert_eq!(refusal(outcome), Refusal::TooManyGroups);
    let outcome = house.with_claim("hasgroups", Some(json!(true))).await;
    assert_eq!(refusal(outcome), Refusal::TooManyGroups);
}

#[tokio::test]
async fn entras_mail_address_counts_only_when_its_owner_is_verified() {
    let house = entra();
    assert_eq!(house.facts().await.email, None);
    let verified = house.with_claim("xms_edov", Some(json!(true))).await.unwrap();
    assert_eq!(verified.facts.email.as_deref(), Some("ada@acme.example"));
}

// Proves L 22.
#[tokio::test]
async fn googles_organisation_is_its_claim_and_never_the_domain_of_an_address() {
    let house = House::with("kind = \"google\"", "");
    assert_eq!(house.facts().await.tenant_claim.as_deref(), Some("acme.example"));
    let private = house.with_claim("hd", None).await.unwrap();
    assert_eq!(private.facts.tenant_claim, None);
}

// Proves std 16.
#[tokio::test]
async fn googles_claim_says_nothing_in_the_token_of_another_provider() {
    let another = "kind = \"oidc\"\nissuer = \"https://idp.example\"\ntenant_claim = \"hd\"";
    let house = House::with(another, "");
    let redeemed = house.with_claim("hd", Some(json!("acme.example"))).await.unwrap();
    assert_eq!(redeemed.facts.tenant_claim, None);
}

#[tokio::test]
async fn salesforces_organisation_stands_in_the_subject_and_no_attribute_can_claim_another() {
    let house = House::with("kind = \"salesforce\"", "");
    let subject = "https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001SwiUAAS";
    house.played.set(|state| {
        state.claims.insert("sub".into(), json!(subject));
        state.claims.remove("groups");
        let attributes = json!({ "organization_id": "00Dyy", "groups": "staff" });
        state.claims.insert("custom_attributes".into(), attributes);
    });
    let facts = house.facts().await;
    assert_eq!(facts.tenant_claim.as_deref(), Some("00Dxx0000001gEREAY"));
    assert_eq!(facts.groups, ["staff"]);
    let same = json!("00Dxx0000001gEREAY");
    house.with_claim("organization_id", Some(same)).await.unwrap();
    let other = house.with_claim("organization_id", Some(json!("00Dyy"))).await;
    assert_eq!(refusal(other), Refusal::BadIdToken);
    for odd in ["https://login.salesforce.com/id/", "http://a.example/id/00D/005", "005"] {
        let redeemed = house.with_claim("sub", Some(json!(odd))).await.unwrap();
        assert_eq!(redeemed.facts.tenant_claim, None, "{odd}");
    }
}
