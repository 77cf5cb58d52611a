//! The log: one line an event on standard output, which every cloud collects as it is. On one machine it goes to
//! standard error, because standard output is for what a command was asked for.

use tracing_subscriber::EnvFilter;

use crate::settings::Reader;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JSON object, for whoever collects the lines.
    #[cfg(any(feature = "aws", feature = "azure"))]
    Json,
    /// Plain text, for whoever looks at the terminal.
    #[cfg(feature = "local")]
    Text,
}

/// Reads how much to log.
pub(crate) fn level(reader: &mut Reader) -> EnvFilter {
    let text = reader.optional("GATELET_LOG").unwrap_or_else(|| "info".into());
    EnvFilter::try_new(&text).unwrap_or_else(|_| {
        reader.mistake("GATELET_LOG", "not a filter (try `info` or `gatelet_core=debug`)".into());
        EnvFilter::new("info")
    })
}

/// Starts logging. A second start in one process changes nothing, which is what `try_init` reports as error.
pub(crate) fn start(level: EnvFilter, format: Format) {
    let log = tracing_subscriber::fmt().with_env_filter(level);
    let _ = match format {
        #[cfg(any(feature = "aws", feature = "azure"))]
        Format::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
        }
        #[cfg(feature = "local")]
        // Whoever read standard error may have left, of which there is nobody to tell.
        Format::Text => log
            .with_target(false)
            .with_writer(std::io::stderr)
            .log_internal_errors(false)
            .try_init(),
    };
}
