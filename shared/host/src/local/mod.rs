//! The parts of one machine: everything embedded, in one folder.

mod catalog;
mod provider;
mod registry;
mod tickets;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use gatelet_core::parts::{Automations, Memory, Parts};
use gatelet_core::registry::{LiveRegistry, RegistrySource};
use gatelet_core::token::SecretCustody;
use gatelet_local::{Database, FileObjects, FileSecrets, OpenError, SqliteQueue, SqliteRecords};
use tokio::net::TcpListener;
use url::Url;

pub use self::catalog::CatalogPlace;
pub(crate) use self::provider::Provider;
pub use self::registry::SignIn;
pub(crate) use self::registry::{load, read as read_registry};
pub(crate) use self::tickets::routes as ticket_routes;
use crate::error::Error;
use crate::web::HttpWeb;
use crate::{SystemClock, SystemRandom};

/// A port of the loopback interface, taken. `option` chooses another one.
pub(crate) async fn listen(port: u16, option: &str) -> Result<TcpListener, Error> {
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let bound = TcpListener::bind(address(port)).await;
    bound.map_err(|error| {
        // The port after it may be meant for the other one of the two servers.
        let others = (port..).skip(2).take(50);
        let free =
            others.into_iter().find(|port| std::net::TcpListener::bind(address(*port)).is_ok());
        let next = free.map_or_else(
            || format!("choose another port with {option}"),
            |free| format!("gatelet dev {option} {free}"),
        );
        Error::start(format!("listen on {}", address(port)), error).with_next(next)
    })
}

/// Records, queue, secrets and objects in one folder.
pub(crate) struct Local {
    /// The parts, as functions see them.
    pub(crate) parts: Arc<Parts>,
    /// The queue as its worker sees it.
    pub(crate) inbox: Arc<SqliteQueue>,
    /// The objects as the holders of tickets see them.
    pub(crate) tickets: Arc<FileObjects>,
}

impl Local {
    /// Opens the folder, and makes it when it is missing.
    pub(crate) fn open(
        folder: &Path,
        base_url: Url,
        registry: Arc<dyn RegistrySource>,
        automations: Automations,
    ) -> Result<Self, OpenError> {
        let random = Arc::new(SystemRandom);
        let database = Database::open(folder)?;
        let secrets = Arc::new(FileSecrets::open(folder)?);
        let (for_keys, for_tickets) = (Arc::clone(&random), Arc::clone(&random));
        let tickets = FileObjects::open(database.clone(), base_url.clone(), for_tickets)?;
        let tickets = Arc::new(tickets);
        let inbox = Arc::new(SqliteQueue::new(database.clone()));
        let vault = Arc::<FileSecrets>::clone(&secrets);
        let custody = Arc::new(SecretCustody::new(vault, for_keys));
        let parts = Parts {
            records: Arc::new(SqliteRecords::new(database)),
            secrets,
            signer: Arc::<SecretCustody>::clone(&custody),
            key_maker: custody,
            queue: Arc::<SqliteQueue>::clone(&inbox),
            objects: Arc::<FileObjects>::clone(&tickets),
            web: Arc::new(HttpWeb::with_loopback()),
            registry: LiveRegistry::new(registry, base_url.clone()),
            clock: Arc::new(SystemClock),
            random,
            base_url,
            automations,
            memory: Memory::default(),
        };
        Ok(Self { parts: Arc::new(parts), inbox, tickets })
    }
}
