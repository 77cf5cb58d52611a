//! The apps of Azure Functions.

use super::Plan;
use crate::run::{Result, failure};

pub(super) fn package(_plan: &Plan) -> Result<()> {
    Err(failure!("the packages of Azure Functions are not made yet"))
}
