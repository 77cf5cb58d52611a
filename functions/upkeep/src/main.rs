//! The `upkeep` function on AWS Lambda.

use gatelet_host::Use;

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_timer(
        upkeep::on_tick,
        &[Use::Registry, Use::Queue, Use::Objects, Use::Catalog(gatelet_delivered::catalog)],
    )
}
