//! One connection, made at its first use and made anew after it broke.

use std::time::Duration;

use gatelet_core::outage::Outage;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError, ScriptInvocation,
};
use tokio::sync::Mutex;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an answer may take.
pub(crate) const ANSWER: Duration = Duration::from_secs(3);

/// An address that cannot be one of a Redis server. It may hold a password and is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("not an address of a Redis server: redis:// or rediss:// is expected")]
pub struct BadAddress(#[source] RedisError);

/// Why a Redis server must not be used, or could not be asked whether it may.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Under memory pressure it would throw records away that were promised to last.
    #[error("Redis has maxmemory-policy {0}, which drops records: set it to noeviction")]
    Evicts(String),
    /// It did not answer.
    #[error("Redis could not be asked for its eviction policy")]
    Unreachable(#[source] Outage),
}

/// The way to the server.
pub(crate) struct Connection {
    client: Client,
    open: Mutex<Option<MultiplexedConnection>>,
}

/// What went wrong, and whether the server can have heard of the command.
pub(crate) enum Fault {
    /// The command was not sent.
    Unsent(RedisError),
    /// The command was sent, or may have been.
    Sent(RedisError),
}

impl Connection {
    /// Checks the address and does not use it yet.
    pub(crate) fn new(url: &str) -> Result<Self, BadAddress> {
        // The driver asks for the process's provider; a host that has installed one keeps it.
        let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::open(url).map_err(BadAddress)?;
        Ok(Self { client, open: Mutex::new(None) })
    }

    /// Sends commands that may be repeated, and repeats them once when an old connection turns out to be gone.
    pub(crate) async fn query<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, Fault> {
        match self.query_once(commands).await {
            Err(Fault::Sent(error)) if error.is_connection_dropped() => {
                self.query_once(commands).await
            }
            outcome => outcome,
        }
    }

    /// Runs a script, once. It is sent again only when the server says that it does not know it yet.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Fault> {
        let mut connection = self.open().await.map_err(Fault::Unsent)?;
        let answer = script.invoke_async(&mut connection).await;
        self.settle(answer).await
    }

    async fn query_once<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, Fault> {
        let mut connection = self.open().await.map_err(Fault::Unsent)?;
        let answer = commands.query_async(&mut connection).await;
        self.settle(answer).await
    }

    /// Forgets the connection after an error that it may be to blame for.
    async fn settle<T>(&self, answer: Result<T, RedisError>) -> Result<T, Fault> {
        if let Err(error) = &answer
            && (error.is_io_error() || error.is_unrecoverable_error())
        {
            *self.open.lock().await = None;
        }
        answer.map_err(Fault::Sent)
    }

    async fn open(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut open = self.open.lock().await;
        if let Some(connection) = &*open {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        *open = Some(connection.clone());
        Ok(connection)
    }
}

impl Fault {
    /// A fault of a call that changes nothing, or nothing that matters.
    pub(crate) fn harmless(self, doing: &'static str) -> Outage {
        let (Self::Unsent(error) | Self::Sent(error)) = self;
        Outage::harmless(doing, error)
    }

    /// A fault of a commit. Where the server itself answered with an error code, it refused the script.
    pub(crate) fn of_commit(self, doing: &'static str) -> Outage {
        match self {
            Self::Sent(error) if error.code().is_none() => Outage::uncertain(doing, error),
            fault => fault.harmless(doing),
        }
    }
}
