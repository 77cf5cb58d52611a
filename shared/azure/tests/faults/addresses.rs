//! Addresses of objects: how often the service is asked for the key that signs them.

use std::time::Duration;

use gatelet_azure::BlobObjects;
use gatelet_contracts::records::NOON;
use gatelet_core::objects::{ObjectName, Objects as _, Place};

use crate::server::{Reply, Server, access};

const KEY: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey>\
    <SignedOid>object</SignedOid><SignedTid>tenant</SignedTid>\
    <SignedStart>2100-01-01T11:55:00Z</SignedStart><SignedExpiry>2100-01-01T13:00:00Z</SignedExpiry>\
    <SignedService>b</SignedService><SignedVersion>2026-04-06</SignedVersion>\
    <Value>dmFsdWU=</Value></UserDelegationKey>";

#[tokio::test]
async fn one_key_signs_for_most_of_an_hour() {
    let server =
        Server::start(|_| Reply::Answer(200, "Content-Type: application/xml\r\n", KEY.to_owned()))
            .await;
    let objects = BlobObjects::new(&access(), &server.url(), "").unwrap();
    let name = ObjectName::new(Place::Files, "a").unwrap();
    for (minutes, asked) in [(0, 1), (1, 1), (54, 1), (56, 2), (57, 2)] {
        let now = NOON + Duration::from_mins(minutes);
        let address = objects.download_address(&name, now).await.unwrap();
        assert!(address.expose().as_str().contains("&skoid=object&sktid=tenant&"));
        assert_eq!(server.asked().len(), asked, "after {minutes} minutes");
    }
    let asked = server.asked();
    assert!(asked[0].contains("<Start>2100-01-01T11:55:00Z</Start>"), "{}", asked[0]);
    assert!(asked[0].contains("<Expiry>2100-01-01T13:00:00Z</Expiry>"), "{}", asked[0]);
}
