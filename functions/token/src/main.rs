//! The `token` function on AWS Lambda.

use gatelet_host::Use;

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_http(token::routes(), &[Use::Registry])
}
