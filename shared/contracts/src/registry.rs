//! What a place that the registry lies in owes its readers.

use async_trait::async_trait;
use gatelet_core::registry::{Document, RegistrySource};

/// The operator, who may change the document without telling anybody.
#[async_trait]
pub trait Operator: Send + Sync {
    /// Replaces the document's text.
    async fn write(&self, text: &[u8]);
}

/// A source tells what is there, whether it is still the same, and calls everything else an outage. There is no
/// document when this begins.
pub async fn registry_source_contract(source: &dyn RegistrySource, operator: &dyn Operator) {
    assert!(source.read(None).await.is_err(), "a missing document is an outage, not an empty one");

    operator.write("title = \"ä\"\n".as_bytes()).await;
    let first = source.read(None).await.unwrap().unwrap();
    assert_eq!(first.text, "title = \"ä\"\n");
    assert!(!first.tag.is_empty());
    assert_eq!(source.read(Some(&first.tag)).await.unwrap(), None, "it still has this tag");

    operator.write(b"title = \"b\"\n").await;
    let second: Document = source.read(Some(&first.tag)).await.unwrap().unwrap();
    assert_eq!(second.text, "title = \"b\"\n");
    assert_ne!(second.tag, first.tag);
    assert_eq!(source.read(Some(&second.tag)).await.unwrap(), None);
    let again = source.read(Some(&first.tag)).await.unwrap();
    assert_eq!(again, Some(second.clone()), "an old tag is never taken for the new one");

    operator.write(&[0xff, 0xfe]).await;
    assert!(source.read(None).await.is_err(), "what is no text is an outage");
    assert!(source.read(Some(&second.tag)).await.is_err());
}
