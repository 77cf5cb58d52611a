//! Speaks HTTP: declared routes, proof of sign-in as an argument, problems, cookies, and the front gate.
//!
//! To add a route: write its handler in the function crate that owns it; declare it in that crate's
//! `routes()` with the method that names its policy, and describe it there; run `cargo xtask bless`, which writes its
//! `function.json`; add it to `template.yaml`; the house test tells what is still missing.

mod asset;
mod attachment;
mod caller;
mod cookie;
mod csrf;
mod form;
mod front;
mod gate;
mod idempotency;
mod me_view;
mod navigation;
mod of_attempt;
pub mod openapi;
mod our_page;
mod problem;
mod routes;
pub mod runs;
mod session_view;
mod signed_in;
mod token_party;
mod trace;
mod visitor;
pub mod work;

pub use self::asset::{Asset, Keep};
pub use self::attachment::{Attachment, csv_cell, is_media_type};
pub use self::caller::{Caller, Scope};
pub use self::cookie::{session_cookie_gone, session_cookie_name, session_cookie_value};
pub use self::csrf::CSRF_HEADER;
pub use self::form::{FORM_BYTES, Form};
pub use self::front::{Origin, front};
pub use self::gate::Gate;
pub use self::idempotency::{IDEMPOTENCY_KEY, IdempotencyKey};
pub use self::me_view::MeView;
pub use self::navigation::{CarriedSignIns, Navigation};
pub use self::of_attempt::OfAttempt;
pub use self::our_page::OurPage;
pub use self::problem::{Can, Challenge, Detailed, FieldError, OAuthError, Problem};
pub use self::routes::{Method, Policy, Proven, Route, Routes};
pub use self::session_view::SessionView;
pub use self::signed_in::SignedIn;
pub use self::token_party::{RegisteredClient, TokenParty};
pub use gatelet_core::trace::TraceContext;
