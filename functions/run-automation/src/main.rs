//! The `run-automation` function on AWS Lambda.

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_http(run_automation::routes(), &[])
}
