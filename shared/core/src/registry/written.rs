//! The document as it is written, section by section, and what each of its entries must be.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use toml::{Table, Value};
use url::{Host, Url};

use super::connections::connections;
use super::form::{
    WrittenApi, WrittenClient, WrittenRole, WrittenRoleRule, WrittenSignIn, WrittenTenant,
};
use super::provider::provider;
use super::read::check_address;
use super::schedules::schedules;
use super::{Api, Client, Registry, Role, RoleRule, STEP_UP, SignInRule, Tenant};
use crate::mistakes::{Notes, meant};
use crate::tenant::TenantId;
use crate::token::BROWSER_CLIENT;

/// How old a sign-in may be allowed to be at least, and at most: a day, as long as any session.
const STEP_UP_S: RangeInclusive<u64> = 60..=86_400;

/// Claims that an alias must not hide.
const CLAIMS: [&str; 18] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "tid",
    "scope",
    "role",
    "client_id",
    "sid",
    "auth_time",
    "acr",
    "amr",
    "name",
    "email",
    "cnf",
];

pub(super) fn assemble(
    table: &Table,
    base_url: &Url,
    digest: String,
    notes: &mut Notes,
) -> Registry {
    let known = ["regions", "targets", "roles", "providers", "tenants", "clients", "apis"];
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        let meant = meant(key, &known);
        notes.note(key, format!("unknown section; known are {}{meant}", known.join(", ")));
    }
    let regions = regions(table, base_url, notes);
    let home = regions.iter().find(|(_, url)| *url == base_url).map(|(name, _)| name.clone());
    if !regions.is_empty() && home.is_none() {
        notes.note("regions", format!("none of them is this deployment's address, {base_url}"));
    }
    let roles = each(table, "roles", notes, |name, WrittenRole { scopes }, notes| {
        check_scopes(&format!("roles.{name}.scopes"), &scopes, notes);
        Some(Role { scopes })
    });
    let providers = each(table, "providers", notes, |name, written, notes| {
        provider(name, written, base_url, notes)
    });
    // An entry that is wrong itself must not make every reference to it look wrong too.
    let named = Named {
        regions: names(table, "regions"),
        roles: names(table, "roles"),
        providers: names(table, "providers"),
        base_url,
    };
    let tenants =
        each(table, "tenants", notes, |name, written, notes| tenant(name, written, &named, notes));
    Registry {
        tenants: tenants.into_values().map(|tenant| (tenant.id.clone(), tenant)).collect(),
        targets: targets(table, notes),
        clients: each(table, "clients", notes, |name, written, notes| {
            Some(client(name, written, notes))
        }),
        apis: apis(table, &roles, base_url, notes),
        digest,
        home,
        regions,
        roles,
        providers,
    }
}

/// What tenants may refer to, and the deployment's address.
struct Named<'a> {
    regions: Vec<&'a str>,
    roles: Vec<&'a str>,
    providers: Vec<&'a str>,
    base_url: &'a Url,
}

fn names<'a>(table: &'a Table, section: &str) -> Vec<&'a str> {
    let section = table.get(section).and_then(Value::as_table);
    section.map(|section| section.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn section<'a>(table: &'a Table, name: &str, notes: &mut Notes) -> Vec<(&'a String, &'a Value)> {
    match table.get(name) {
        None => Vec::new(),
        Some(Value::Table(section)) => section.iter().collect(),
        Some(_) => {
            notes.note(name, "must be a table");
            Vec::new()
        }
    }
}

fn each<W: for<'de> Deserialize<'de>, T>(
    table: &Table,
    name: &str,
    notes: &mut Notes,
    mut read: impl FnMut(&str, W, &mut Notes) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut found = BTreeMap::new();
    for (key, value) in section(table, name, notes) {
        let written: Option<W> = notes.entry(&format!("{name}.{key}"), value);
        if let Some(entry) = written.and_then(|written| read(key, written, notes)) {
            found.insert(key.clone(), entry);
        }
    }
    found
}

fn regions(table: &Table, base_url: &Url, notes: &mut Notes) -> BTreeMap<String, Url> {
    let mut found = BTreeMap::new();
    for (name, value) in section(table, "regions", notes) {
        let at = format!("regions.{name}");
        let Some(text) = value.as_str() else {
            notes.note(at, "must be an address");
            continue;
        };
        match check_address(text, base_url) {
            Ok(url) if url.path() == "/" => {
                found.insert(name.clone(), url);
            }
            Ok(_) => notes.note(at, "must be scheme, host and port only"),
            Err(problem) => notes.note(at, problem),
        }
    }
    found
}

fn targets(table: &Table, notes: &mut Notes) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, value) in section(table, "targets", notes) {
        match value.as_str() {
            Some(path) if path.starts_with('/') && !path.starts_with("//") => {
                found.insert(name.clone(), path.to_owned());
            }
            _ => notes.note(format!("targets.{name}"), "must be a path of this deployment"),
        }
    }
    found
}

fn tenant(
    name: &str,
    written: WrittenTenant,
    named: &Named<'_>,
    notes: &mut Notes,
) -> Option<Tenant> {
    let at = format!("tenants.{name}");
    let id = TenantId::new(name).map_err(|error| notes.note(&at, error.to_string())).ok()?;
    match written.region.as_deref() {
        Some(region) if !named.regions.contains(&region) => {
            let (known, meant) = (named.regions.join(", "), meant(region, &named.regions));
            let problem = format!("not a region of this deployment; known are: {known}{meant}");
            notes.note(format!("{at}.region"), problem);
        }
        None if !named.regions.is_empty() => notes.note(format!("{at}.region"), "missing"),
        _ => {}
    }
    for rule in &written.sign_in {
        let name = rule.provider.as_str();
        if !named.providers.contains(&name) {
            let meant = meant(name, &named.providers);
            notes.note(format!("{at}.sign_in"), format!("there is no provider {name:?}{meant}"));
        }
        if rule.matches.is_empty() || rule.matches.iter().any(String::is_empty) {
            notes.note(format!("{at}.sign_in"), "matches must name at least one value");
        }
    }
    if written.sign_in.is_empty() {
        notes.note(format!("{at}.sign_in"), "must hold at least one rule, or nobody belongs here");
    }
    for rule in &written.roles {
        let name = rule.role.as_str();
        if !named.roles.contains(&name) {
            let meant = meant(name, &named.roles);
            notes.note(format!("{at}.roles"), format!("there is no role {name:?}{meant}"));
        }
        if rule.groups.as_ref().is_some_and(Vec::is_empty) {
            notes.note(format!("{at}.roles"), "groups must name one; leave it out for everybody");
        }
    }
    if written.step_up_s.is_some_and(|seconds| !STEP_UP_S.contains(&seconds)) {
        let (least, most) = (STEP_UP_S.start(), STEP_UP_S.end());
        let problem = format!("must be a whole number from {least} to {most}");
        notes.note(format!("{at}.step_up_s"), problem);
    }
    let place = format!("{at}.connections");
    let connections = connections(&place, &written.connections, named.base_url, notes);
    let schedules = schedules(&format!("{at}.schedules"), &written, notes);
    let sign_in = written.sign_in.into_iter();
    let roles = written.roles.into_iter();
    Some(Tenant {
        id,
        title: written.title.unwrap_or_else(|| name.to_owned()),
        region: written.region,
        active: written.active,
        step_up: written.step_up_s.map_or(STEP_UP, Duration::from_secs),
        sign_in: sign_in
            .map(|WrittenSignIn { provider, matches }| SignInRule { provider, matches })
            .collect(),
        roles: roles.map(|WrittenRoleRule { role, groups }| RoleRule { role, groups }).collect(),
        connections,
        schedules,
    })
}

fn client(name: &str, written: WrittenClient, notes: &mut Notes) -> Client {
    let at = format!("clients.{name}.redirect_uris");
    let mut redirect_uris = Vec::new();
    for text in &written.redirect_uris {
        match Url::parse(text) {
            Ok(url) if is_redirect(&url) => redirect_uris.push(url),
            _ => notes.note(&at, "must be https, or http to 127.0.0.1 or [::1], without fragment"),
        }
    }
    if written.redirect_uris.is_empty() {
        notes.note(&at, "must name at least one address");
    }
    if name == BROWSER_CLIENT {
        notes.note(format!("clients.{name}"), "this is what tokens call our own page");
    }
    let title = written.title.unwrap_or_else(|| name.to_owned());
    Client { id: name.to_owned(), title, redirect_uris }
}

fn is_redirect(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    plain && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}

fn apis(
    table: &Table,
    roles: &BTreeMap<String, Role>,
    base_url: &Url,
    notes: &mut Notes,
) -> BTreeMap<String, Api> {
    let mut audiences = BTreeSet::from([own_audience(base_url)]);
    let written = each(table, "apis", notes, |name, written: WrittenApi, notes| {
        let at = format!("apis.{name}");
        match Url::parse(&written.audience) {
            Ok(url) if url.fragment().is_none() => {}
            _ => notes.note(format!("{at}.audience"), "must be an absolute URI without fragment"),
        }
        for (alias, claim) in &written.aliases {
            if CLAIMS.contains(&alias.as_str()) || !CLAIMS.contains(&claim.as_str()) {
                notes.note(format!("{at}.aliases.{alias}"), "must be a new name for a known claim");
            }
        }
        check_scopes(&format!("{at}.scopes"), &written.scopes, notes);
        if !audiences.insert(written.audience.clone()) {
            notes.note(format!("{at}.audience"), "another API has it, or it is our own");
        }
        let WrittenApi { audience, scopes, with_name, with_email, aliases } = written;
        Some(Api { audience, scopes, with_name, with_email, aliases })
    });
    let of_roles: BTreeSet<&String> = roles.values().flat_map(|role| &role.scopes).collect();
    let of_others: BTreeSet<&String> = written.values().flat_map(|api| &api.scopes).collect();
    let ours = Api {
        audience: own_audience(base_url),
        scopes: of_roles.difference(&of_others).map(|scope| (*scope).clone()).collect(),
        // People are told who asked for a run.
        with_name: true,
        with_email: false,
        aliases: BTreeMap::new(),
    };
    let all = written.into_values().chain([ours]);
    all.map(|api| (api.audience.clone(), api)).collect()
}

/// Each a scope-token of RFC 6749 §3.3.
fn check_scopes(at: &str, scopes: &[String], notes: &mut Notes) {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if scopes.iter().any(|scope| scope.is_empty() || !scope.bytes().all(plain)) {
        notes.note(at, "a scope must be printable ASCII without space, quote and backslash");
    }
}

/// The audience of our own API.
pub(super) fn own_audience(base_url: &Url) -> String {
    format!("{}api", base_url.as_str())
}
