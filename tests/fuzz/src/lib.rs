//! What strangers send, each kind as a function of bytes.
