//! The `work-automation` function on AWS Lambda.

use gatelet_host::Use;

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_queue(
        work_automation::on_message,
        &[Use::Registry, Use::Objects, Use::Runner, Use::Catalog(gatelet_delivered::catalog)],
    )
}
