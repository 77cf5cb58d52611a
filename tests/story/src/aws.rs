//! The stage on AWS: the template deployed to MiniStack, with authorization enforced.

/// Stub.
pub struct AwsStage;
