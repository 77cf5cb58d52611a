//! What a function may ask of its host: the ports, built for the platform it runs on.

use url::Url;

use crate::automation::Queue;
use crate::clock::Clock;
use crate::objects::Objects;
use crate::random::Random;
use crate::records::Records;
use crate::secrets::Secrets;
use crate::token::{KeyMaker, Signer};

/// The parts of one process. Each is built at its first use and never twice; a function that does not ask
/// for a part does not pay for it, and its identity need not be allowed to use it.
pub trait Parts: Send + Sync {
    /// The records.
    fn records(&self) -> &dyn Records;
    /// The vault.
    fn secrets(&self) -> &dyn Secrets;
    /// Signs with keys that are there.
    fn signer(&self) -> &dyn Signer;
    /// Makes keys to sign with.
    fn key_maker(&self) -> &dyn KeyMaker;
    /// The way to the worker.
    fn queue(&self) -> &dyn Queue;
    /// Objects too large for records.
    fn objects(&self) -> &dyn Objects;
    /// Tells the time.
    fn clock(&self) -> &dyn Clock;
    /// Draws random bytes.
    fn random(&self) -> &dyn Random;
    /// The one public address of this deployment, and the only source of absolute addresses.
    fn base_url(&self) -> &Url;
}
