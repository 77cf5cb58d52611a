//! The asynchronous runtime of a process.

use crate::error::Error;

/// Runs a future to its end on this thread. A function serves one request at a time or waits for others;
/// a second worker thread would only cost memory and start-up time.
pub(crate) fn block_on<T, E: From<Error>>(
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::start("start the runtime", error))?
        .block_on(future)
}
