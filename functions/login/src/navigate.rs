//! The navigations: to the provider, back from it, and for a client without a cookie.

use axum::extract::{Path, State};
use axum::response::Response;
use gatelet_core::sign_in::{
    self, Answer, Authorize, Click, Demand, Failed, Intent, NotAuthorized, ReturnTarget,
    SignInRefusal, Standing,
};
use gatelet_edge::{Gate, Method, Navigation, Problem, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .public("sign-in", (Method::Get, "/auth/login"), login_anywhere)
        .describe(|it| {
            it.summary("Begin to sign in at the only provider, or choose one")
                .about("Takes what `/auth/login/{provider}` takes. Nothing ends before a provider is chosen.")
                .query("target", "Where to go afterwards: a path, or a name of the registry")
                .see_other("To the only provider, or to the sign-in page with the same query")
                .problems(&[Problem::NotANavigation])
        })
        .public("login", (Method::Get, "/auth/login/{provider}"), login)
        .describe(|it| {
            it.summary("Begin to sign in at a provider")
                .about("Ends the session that the browser has, unless it is a step-up.")
                .path("provider", "The provider's name")
                .query("target", "Where to go afterwards: a path, or a name of the registry")
                .query("tenant", "The tenant to act in")
                .query("login_hint", "Whom the provider is to expect (OpenID Connect Core §3.1.2.1)")
                .query("step_up", "`1`: the session goes on until the same person has signed in")
                .query("max_age", "How many seconds ago the person may have signed in")
                .query("acr", "The classes of sign-in that would do, separated by spaces")
                .see_other("To the provider, to another region, or to the page that says why not")
                .problems(&[Problem::NotANavigation])
        })
        .public("callback", (Method::Get, "/auth/callback/{provider}"), callback)
        .describe(|it| {
            it.summary("Take a provider's answer")
                .path("provider", "The provider's name")
                .see_other("To the target, the choice of a tenant, the client, or the page that says why not")
                .problems(&[Problem::NotANavigation])
        })
        .public("authorize", (Method::Get, "/auth/authorize"), authorize)
        .describe(|it| {
            it.summary("Begin to sign in for a client without a cookie (RFC 6749, RFC 7636)")
                .query("client_id", "The client, as it is registered")
                .query("redirect_uri", "Registered exactly, but for the port of a loopback address")
                .query("response_type", "`code`")
                .query("code_challenge", "The challenge")
                .query("code_challenge_method", "`S256`")
                .query("state", "Comes back with the code")
                .query("scope", "The scopes, separated by spaces")
                .query("resource", "The API that the token is for (RFC 8707)")
                .query("provider", "The provider to sign in at")
                .query("tenant", "The tenant to act in")
                .query("max_age", "How many seconds ago the person may have signed in")
                .query("acr_values", "The classes of sign-in that would do, separated by spaces")
                .see_other("To the provider, the client, another region, or a page of ours")
                .problems(&[Problem::NotANavigation])
        })
}

async fn login(
    navigation: Navigation,
    State(gate): State<Gate>,
    Path(provider): Path<String>,
) -> Response {
    let begun = begin(&navigation, &gate, Some(&provider)).await;
    begun.unwrap_or_else(|failed| navigation.failed(&failed))
}

async fn login_anywhere(navigation: Navigation, State(gate): State<Gate>) -> Response {
    let begun = begin(&navigation, &gate, None).await;
    begun.unwrap_or_else(|failed| navigation.failed(&failed))
}

async fn begin(
    navigation: &Navigation,
    gate: &Gate,
    provider: Option<&str>,
) -> Result<Response, Failed> {
    let now = gate.clock.now();
    let registry = gate.registry.current(now).await?;
    let target = match navigation.query("target") {
        None => ReturnTarget::home(),
        Some(text) => ReturnTarget::read(text, &registry.targets, &gate.base_url)
            .map_err(|_| SignInRefusal::BadTarget)?,
    };
    let only = registry.only_provider().map(|provider| provider.name.as_str());
    let Some(provider) = provider.or(only) else { return Ok(navigation.offer_providers()) };
    let is_step_up = navigation.query("step_up") == Some("1");
    let standing = match navigation.session_key() {
        Some(key) if navigation.is_from_our_own() && is_step_up => Standing::StepsUp(key),
        Some(key) if navigation.is_from_our_own() => Standing::Ends(key),
        _ => Standing::Untouched,
    };
    let click = Click {
        provider,
        intent: Intent::Browser { target },
        demand: demand(navigation, "acr")?,
        tenant: navigation.query("tenant"),
        login_hint: navigation.query("login_hint"),
        standing,
        carried: navigation.carried(),
    };
    Ok(navigation.begun(gate, sign_in::begin(gate, click, now).await))
}

fn demand(navigation: &Navigation, acr: &str) -> Result<Demand, SignInRefusal> {
    let max_age = navigation.query("max_age").map(str::parse).transpose();
    let max_age_secs = max_age.map_err(|_| SignInRefusal::BadRequest)?;
    Ok(Demand { max_age_secs, acr_values: navigation.query(acr).map(str::to_owned) })
}

async fn callback(
    navigation: Navigation,
    State(gate): State<Gate>,
    Path(provider): Path<String>,
) -> Response {
    let answer = Answer {
        provider: &provider,
        state: navigation.query("state"),
        code: navigation.query("code"),
        iss: navigation.query("iss"),
        error: navigation.query("error"),
        carried: navigation.carried(),
        browser: navigation.browser(),
    };
    navigation.finished(&gate, sign_in::finish(&gate, &answer, gate.clock.now()).await)
}

async fn authorize(navigation: Navigation, State(gate): State<Gate>) -> Response {
    match begin_for_client(&navigation, &gate).await {
        Ok(answer) => answer,
        Err(error) => navigation.failed(&error),
    }
}

async fn begin_for_client(navigation: &Navigation, gate: &Gate) -> Result<Response, Failed> {
    let now = gate.clock.now();
    let registry = gate.registry.current(now).await?;
    let asked = Authorize::read(|name| navigation.query(name));
    let request = match sign_in::authorize(&registry, &gate.base_url, &asked) {
        Ok(request) => request,
        Err(NotAuthorized::Person(refusal)) => return Err(refusal.into()),
        Err(NotAuthorized::Client(url)) => return Ok(navigation.go(url.as_str(), None)),
    };
    let only = registry.only_provider().map(|provider| provider.name.as_str());
    let Some(provider) = navigation.query("provider").or(only) else {
        return Ok(navigation.ask_for_provider());
    };
    let click = Click {
        provider,
        intent: Intent::Client(request),
        demand: demand(navigation, "acr_values")?,
        tenant: navigation.query("tenant"),
        login_hint: None,
        standing: Standing::Untouched,
        carried: navigation.carried(),
    };
    Ok(navigation.begun(gate, sign_in::begin(gate, click, now).await))
}
