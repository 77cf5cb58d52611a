//! The ports, kept by AWS: DynamoDB, Secrets Manager, KMS, SQS, S3 and Lambda.
//!
//! Everything hangs on one [`Account`], which holds one HTTP client and builds each service's client at its
//! first use. **Invariant:** nothing here reads the environment, a profile or the instance's metadata.

mod account;
mod document;
mod fault;
mod invoke;
mod objects;
mod queue;
mod records;
mod secrets;
mod signer;

pub use self::account::{Account, BadSettings, Settings};
pub use self::document::{BadAddress, S3Document};
pub use self::invoke::LambdaInvoke;
pub use self::objects::S3Objects;
pub use self::queue::SqsQueue;
pub use self::records::DynamoRecords;
pub use self::secrets::SecretsManagerSecrets;
pub use self::signer::KmsSigner;
