//! The `attempt` function on AWS Lambda.

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_http(attempt::routes(), &[])
}
