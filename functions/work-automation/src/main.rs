//! The `work-automation` function on AWS Lambda.

fn main() -> Result<(), gatelet_host::Error> {
    gatelet_host::lambda::serve_queue(work_automation::on_message, &[])
}
