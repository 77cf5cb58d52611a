//! The ports kept on this machine: records and the queue in one SQLite file, secrets and objects as files.
//!
//! Everything lies under one folder that only its owner may enter, and several processes may work on it at
//! once: the server, an upkeep and the command line. [`pocket`] is the identity provider that goes with it.

mod database;
mod files;
mod objects;
mod open;
pub mod pocket;
mod queue;
mod records;
mod registry;
mod reset;
mod secrets;
mod tickets;
mod work;

pub use self::database::Database;
pub use self::objects::FileObjects;
pub use self::open::{OpenError, Problem};
pub use self::queue::{Delivery, MAX_DELIVERIES, SqliteQueue};
pub use self::records::SqliteRecords;
pub use self::registry::{FileRegistry, FixedRegistry};
pub use self::reset::{Deletable, Found, Spared};
pub use self::secrets::FileSecrets;
pub use self::tickets::{Direction, Redeemed};
