//! What a step does to the world outside, and so what may be done after a crash in the middle of it.

use serde::{Deserialize, Serialize};

/// The class of a step, by what is known about repeating it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EffectClass {
    /// The target knows a token that makes repeating harmless: repeat with the same token.
    A,
    /// The target checks a condition: repeat, and take a conflict for one's own success if it is.
    B,
    /// One can look whether it happened: look before repeating.
    C,
    /// None of that: never repeated by itself. A person decides.
    D,
    /// It only reads: repeat freely.
    R,
}

/// What an automation as a whole does, as its manifest declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It changes nothing anywhere: every step is of class R, and it runs anew after a crash.
    Reads,
    /// It declares a step with its class before each change.
    Steps,
    /// It changes things without declaring steps: the whole script is one step of class D.
    Unsafe,
}
