//! Routes that say who may call them. A route without a policy cannot be written down.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};

use crate::openapi::Describe;
use crate::{Caller, Gate, Scope, SignedIn};

/// The longest body that a route takes unless it says otherwise.
const BODY_BYTES: usize = 64 * 1024;

/// The routes of one function crate.
#[derive(Default)]
pub struct Routes {
    router: Router<Gate>,
    declared: Vec<Route>,
    /// Beside each declared route, what describes it.
    descriptions: Vec<Option<Describe>>,
}

/// One route as it was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its name: the operation in the API's description, and the function on Azure.
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces. One that begins with `*` is the rest of the path, of one segment or
    /// more.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
}

/// The methods that routes are declared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes something.
    Post,
    /// Stores what it carries.
    Put,
    /// Ends or removes what it names.
    Delete,
}

impl Method {
    /// The method as it stands in a request.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everybody.
    Public,
    /// Whoever has a live session, from our own page.
    Session,
    /// Whoever has this scope at our own API, by a token or by a live session.
    Api {
        /// The scope.
        scope: &'static str,
    },
}

/// The arguments of a handler whose first is the proof `P`. This is how the compiler holds a declared policy
/// and its handler together.
pub trait Proven<P> {}

impl<Via, P> Proven<P> for (Via, P) {}
impl<Via, P, A> Proven<P> for (Via, P, A) {}
impl<Via, P, A, B> Proven<P> for (Via, P, A, B) {}
impl<Via, P, A, B, C> Proven<P> for (Via, P, A, B, C) {}
impl<Via, P, A, B, C, D> Proven<P> for (Via, P, A, B, C, D) {}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a route that everybody may call.
    #[must_use]
    pub fn public<H, T>(
        self,
        name: &'static str,
        (method, path): (Method, &'static str),
        handler: H,
    ) -> Self
    where
        H: Handler<T, Gate>,
        T: 'static,
    {
        self.add(Route { name, method, path, policy: Policy::Public }, handler)
    }

    /// Declares a route for whoever has a live session. The handler's first argument is the proof:
    ///
    /// ```
    /// use gatelet_edge::{Method, Routes, SignedIn};
    /// Routes::new().session("mine", (Method::Get, "/mine"), async |_: SignedIn| "yours");
    /// ```
    ///
    /// A handler without it does not compile:
    ///
    /// ```compile_fail,E0277
    /// use gatelet_edge::{Method, Routes};
    /// Routes::new().session("mine", (Method::Get, "/mine"), async || "anybody's");
    /// ```
    #[must_use]
    pub fn session<H, T>(
        self,
        name: &'static str,
        (method, path): (Method, &'static str),
        handler: H,
    ) -> Self
    where
        H: Handler<T, Gate>,
        T: Proven<SignedIn> + 'static,
    {
        self.add(Route { name, method, path, policy: Policy::Session }, handler)
    }

    /// Declares a route of the API for whoever has the scope `S`. The handler's first argument is the proof of
    /// that very scope:
    ///
    /// ```
    /// use gatelet_edge::{Caller, Method, Routes, Scope};
    /// struct Read;
    /// impl Scope for Read {
    ///     const NAME: &'static str = "things:read";
    /// }
    /// let handler = async |caller: Caller<Read>| caller.subject.clone();
    /// Routes::new().api::<Read, _, _>("things", (Method::Get, "/api/things"), handler);
    /// ```
    ///
    /// A handler without it does not compile:
    ///
    /// ```compile_fail,E0277
    /// use gatelet_edge::{Caller, Method, Routes, Scope};
    /// struct Read;
    /// impl Scope for Read {
    ///     const NAME: &'static str = "things:read";
    /// }
    /// let handler = async || "anybody's";
    /// Routes::new().api::<Read, _, _>("things", (Method::Get, "/api/things"), handler);
    /// ```
    ///
    /// Nor does one with the proof of another scope:
    ///
    /// ```compile_fail,E0277
    /// use gatelet_edge::{Caller, Method, Routes, Scope};
    /// struct Read;
    /// impl Scope for Read {
    ///     const NAME: &'static str = "things:read";
    /// }
    /// struct Write;
    /// impl Scope for Write {
    ///     const NAME: &'static str = "things:write";
    /// }
    /// let handler = async |caller: Caller<Read>| caller.subject.clone();
    /// Routes::new().api::<Write, _, _>("things", (Method::Put, "/api/things"), handler);
    /// ```
    #[must_use]
    pub fn api<S, H, T>(
        self,
        name: &'static str,
        (method, path): (Method, &'static str),
        handler: H,
    ) -> Self
    where
        S: Scope,
        H: Handler<T, Gate>,
        T: Proven<Caller<S>> + 'static,
    {
        self.add(Route { name, method, path, policy: Policy::Api { scope: S::NAME } }, handler)
    }

    /// These routes and those.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.declared.extend(other.declared);
        self.descriptions.extend(other.descriptions);
        self
    }

    /// Says in the API's description what the route does that was declared last.
    #[must_use]
    pub fn describe(mut self, describe: Describe) -> Self {
        if let Some(last) = self.descriptions.last_mut() {
            *last = Some(describe);
        }
        self
    }

    /// What was declared, each with its description if it has one.
    pub fn described(&self) -> impl Iterator<Item = (&Route, Option<Describe>)> {
        self.declared.iter().zip(self.descriptions.iter().copied())
    }

    /// What was declared.
    #[must_use]
    pub fn declared(&self) -> &[Route] {
        &self.declared
    }

    /// The router, for a host to put behind its front.
    pub fn into_router(self) -> Router<Gate> {
        self.router.layer(DefaultBodyLimit::max(BODY_BYTES))
    }

    fn add<H, T>(mut self, route: Route, handler: H) -> Self
    where
        H: Handler<T, Gate>,
        T: 'static,
    {
        self.router = self.router.route(route.path, on(route.method.filter(), handler));
        self.declared.push(route);
        self.descriptions.push(None);
        self
    }
}
