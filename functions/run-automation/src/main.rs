//! The `run-automation` function on AWS Lambda.

use gatelet_host::Use;

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_http(
        run_automation::routes(),
        &[Use::Registry, Use::Queue, Use::Objects, Use::Catalog(gatelet_delivered::catalog)],
    )
}
