//! One tenant's people asking for another tenant's things.

use std::sync::Arc;

use gatelet_contracts::SeededRandom;
use gatelet_contracts::runs::run_request;
use gatelet_core::automation::{Claim, RunId, Runs};
use gatelet_core::identity::{Facts, Person};
use gatelet_core::session::{Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_played::{MemoryRecords, NOW};

// Proves L 47.
#[tokio::test]
async fn an_id_of_another_tenant_leads_nowhere() {
    let (records, random) = (Arc::new(MemoryRecords::default()), SeededRandom::new(1));
    let [acme, globex] = ["acme", "globex"].map(|id| TenantId::new(id).unwrap());
    let runs = Runs::new(&*records, &random);
    let id = RunId::derive(&acme, "ada", "route", "key");
    let request = run_request(&acme, id.clone(), NOW);
    runs.request(&request, NOW).await.unwrap();
    assert!(runs.find(&acme, &id, NOW).await.unwrap().is_some());
    assert!(runs.find(&globex, &id, NOW).await.unwrap().is_none());
    assert_eq!(runs.claim(&globex, &id, NOW).await.unwrap(), Claim::Unknown);
    // The same person with the same key in another tenant asks for another run.
    assert_ne!(RunId::derive(&globex, "ada", "route", "key"), id);

    let ada = Person { issuer: "https://one.example".into(), subject: "ada".into() };
    let sign_in = SignIn {
        tenant: acme.clone(),
        role: "viewer".into(),
        facts: Facts::of("one", ada.clone()),
    };
    let sessions = Sessions::new(&*records, &random);
    sessions.begin(sign_in, None, NOW).await.unwrap();
    assert_eq!(sessions.of_person(&acme, &ada, NOW).await.unwrap().len(), 1);
    assert!(sessions.of_person(&globex, &ada, NOW).await.unwrap().is_empty());
}
