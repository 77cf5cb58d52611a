//! The reference of permissions: what each function may do on AWS and each app on Azure, read from the templates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{fs, io};

use crate::project;

/// What one role may do: actions, by what they are done to.
pub type Rights = BTreeMap<String, BTreeSet<String>>;

const ABOUT: &str = "# Permissions\n\n\
    What each function may do, made from `template.yaml` and `infra/azure/modules/rights.bicep`; do not edit. A split into \
    functions is a boundary only while the permissions keep it: that no role may do more than the design gives its function \
    is a test, and on AWS each action was tried with each role in an emulator.\n";

const AWS: &str = "\n## On AWS\n\n\
    A role for each function, which nobody but Lambda can take on. Each may also write to its own log, and nothing else. \
    Nobody may scan a table. What makes a secret cannot read it.\n\n\
    *r* is `GetItem` and `Query`. *rw* is those and `PutItem`, `DeleteItem`, `ConditionCheckItem`. *append* is `PutItem`: \
    DynamoDB cannot permit new items only; that no entry is replaced is kept by the program's own condition.\n\n";

const AZURE: &str = "\n## On Azure\n\n\
    The boundary is the app: one process, one identity. `auth` serves `login`, `token`, `revoke` and `console`; `api` serves \
    `run-automation` and `attempt`; `work` is `work-automation` and `upkeep`, and answers nobody but the Functions host. The words are the \
    names of Azure's built-in roles. Each identity also owns the blobs of its app's own storage account, as the host demands. \
    The app that runs scripts is none of them: its identity reads the app's own package and nothing else, and only the \
    worker's identity may call it.\n\n";

/// The page.
pub fn page() -> io::Result<String> {
    let mut page = String::from(ABOUT);
    page.push_str(AWS);
    page.push_str("| function | `identity` | `runs` | `audit` | secrets | registry | queue | files | runner |\n|---|---|---|---|---|---|---|---|---|\n");
    for (function, rights) in aws()? {
        let table = |name: &str| tables(rights.get(name));
        let secrets = rights.iter().filter_map(|(what, actions)| {
            let name = what.strip_prefix("secret ")?;
            Some(format!("{} `{name}`", on_secret(actions)))
        });
        let secrets = secrets.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            page,
            "| `{function}` | {} | {} | {} | {} | {} | {} | {} | {} |",
            table("identity"),
            table("runs"),
            table("audit"),
            or_none(secrets),
            or_none(plain(rights.get("registry"))),
            or_none(plain(rights.get("queue"))),
            or_none(plain(rights.get("files"))),
            or_none(plain(rights.get("runner"))),
        );
    }
    page.push_str(AZURE);
    let azure = azure()?;
    let things: BTreeSet<&String> = azure.values().flat_map(BTreeMap::keys).collect();
    let _ = writeln!(
        page,
        "| on | {} |",
        azure.keys().map(|app| format!("`{app}`")).collect::<Vec<_>>().join(" | ")
    );
    let _ = writeln!(page, "|---|{}", "---|".repeat(azure.len()));
    for thing in things {
        let cells = azure.values().map(|rights| or_none(plain(rights.get(thing))));
        let _ = writeln!(page, "| {thing} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    page.push_str(
        "\nWhere that is wider than the code needs, and why, stands in the guide: \
         [on Azure](../guides/deploy-azure.md#who-may-do-what).\n",
    );
    Ok(page)
}

fn or_none(text: String) -> String {
    if text.is_empty() { "–".into() } else { text }
}

fn plain(actions: Option<&BTreeSet<String>>) -> String {
    let actions = actions.into_iter().flatten().map(String::as_str);
    actions.collect::<Vec<_>>().join(", ")
}

fn tables(actions: Option<&BTreeSet<String>>) -> String {
    let Some(actions) = actions else { return "–".into() };
    let names: Vec<&str> = actions.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query"] => "rw".into(),
        ["GetItem", "Query"] => "r".into(),
        ["PutItem"] => "append".into(),
        ["GetItem", "PutItem", "Query"] => "append, r".into(),
        others => others.join(", "),
    }
}

fn on_secret(actions: &BTreeSet<String>) -> String {
    let names: Vec<&str> = actions.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["GetSecretValue"] => "reads".into(),
        ["CreateSecret", "PutSecretValue"] => "makes".into(),
        ["CreateSecret", "ListSecretVersionIds", "PutSecretValue"] => "makes and lists".into(),
        others => others.join(", "),
    }
}

/// What each Lambda function may do, from `template.yaml`.
pub fn aws() -> io::Result<Vec<(String, Rights)>> {
    let text = fs::read_to_string(project().join("template.yaml"))?;
    let resources = resources(&text);
    let mut found = Vec::new();
    for (name, lines) in &resources {
        let Some(function) = name.strip_suffix("Role") else { continue };
        let mut rights = statements(lines);
        let managed = lines.iter().find_map(|line| line.trim().strip_prefix("ManagedPolicyArns: "));
        for policy in managed.unwrap_or_default().trim_matches(['[', ']']).split(", ") {
            let Some(policy) = policy.strip_prefix("!Ref ") else { continue };
            let shared = resources.iter().find(|(name, _)| name == policy);
            let lines = shared.map(|(_, lines)| lines.as_slice()).unwrap_or_default();
            for (thing, actions) in statements(lines) {
                rights.entry(thing).or_default().extend(actions);
            }
        }
        found.push((dashed(function), rights));
    }
    Ok(found)
}

/// The template's resources: each name with its lines.
fn resources(template: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in template.lines().skip_while(|line| *line != "Resources:").skip(1) {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '#']));
        match (name.and_then(|rest| rest.strip_suffix(':')), found.last_mut()) {
            (Some(name), _) => found.push((name.to_owned(), Vec::new())),
            (None, Some((_, lines))) => lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    found
}

/// The allowed actions in the lines of a role or policy, by what they are done to.
fn statements(lines: &[String]) -> Rights {
    let mut rights = Rights::new();
    let (mut actions, mut things, mut reading) = (Vec::new(), Vec::new(), "");
    // A last line that begins a statement ends the one before it.
    for line in lines.iter().map(String::as_str).chain(["- Sid: end"]) {
        let bare = line.trim();
        if bare.starts_with("- Sid:") || bare.starts_with("- Effect:") {
            keep(&mut rights, &mut actions, &mut things);
        }
        let (name, value) = bare.split_once(": ").unwrap_or((bare.trim_end_matches(':'), ""));
        if let Some(item) = bare.strip_prefix("- ").filter(|item| !item.contains(": ")) {
            if reading == "Action" {
                actions.push(item.to_owned());
            } else {
                things.push(item.to_owned());
            }
        } else if bare.starts_with("- !Sub") {
            things.push(bare.to_owned());
        } else if name == "Action" || name == "Resource" {
            reading = if name == "Action" { "Action" } else { "Resource" };
            let listed = value.trim_matches(['[', ']']);
            let into = if name == "Action" { &mut actions } else { &mut things };
            if name == "Action" {
                into.extend(listed.split(", ").filter(|one| !one.is_empty()).map(str::to_owned));
            } else if !listed.is_empty() {
                into.push(listed.to_owned());
            }
        }
    }
    rights.remove("log");
    rights
}

fn keep(rights: &mut Rights, actions: &mut Vec<String>, things: &mut Vec<String>) {
    for thing in things.drain(..) {
        let names = actions.iter().filter_map(|action| action.split(':').nth(1));
        rights.entry(thing_of(&thing)).or_default().extend(names.map(str::to_owned));
    }
    actions.clear();
}

/// What a resource's address stands for.
fn thing_of(address: &str) -> String {
    let tables = [("IdentityTable", "identity"), ("RunsTable", "runs"), ("AuditTable", "audit")];
    if let Some((_, secret)) = address.split_once("secret:${Prefix}/") {
        return format!("secret {}", secret.trim_matches('"').replace("-??????", ""));
    }
    let known = tables.into_iter().chain([
        ("Log.Arn", "log"),
        ("RunQueue.Arn", "queue"),
        ("RegistryBucket.Arn", "registry"),
        ("FilesBucket.Arn", "files"),
        ("RunnerFunction.Arn", "runner"),
    ]);
    known
        .into_iter()
        .find(|(part, _)| address.contains(part))
        .map_or(address, |(_, name)| name)
        .to_owned()
}

/// `RunAutomation` as the functions are called: `run-automation`.
fn dashed(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// What each app may do, from the Bicep file: names of built-in roles.
pub fn azure() -> io::Result<BTreeMap<String, Rights>> {
    let text = fs::read_to_string(project().join("infra/azure/modules/rights.bicep"))?;
    let mut apps: BTreeMap<String, Rights> = BTreeMap::new();
    for assignment in text.split("roleAssignments@").skip(1) {
        let field = |name: &str| {
            let line = assignment.lines().find_map(|line| line.trim().strip_prefix(name));
            line.map(|value| value.trim().to_owned())
        };
        let (thing, app) = (field("scope:"), field("principalId:"));
        let role = field("roleDefinitionId:").and_then(|value| {
            let (_, role) = value.rsplit_once(", ")?;
            Some(role.trim_end_matches(')').to_owned())
        });
        let (Some(thing), Some(app), Some(role)) = (thing, app, role) else {
            return Err(io::Error::other("a role assignment without scope, principal or role"));
        };
        let app = app.trim_end_matches("Principal").to_owned();
        let role =
            built_in(&role).ok_or_else(|| io::Error::other(format!("unknown role {role}")))?;
        apps.entry(app).or_default().entry(scope(&thing)).or_default().insert(role.to_owned());
    }
    Ok(apps)
}

fn scope(name: &str) -> String {
    match name {
        "identityTable" => "table `identity`".into(),
        "runsTable" => "table `runs`".into(),
        "auditTable" => "table `audit`".into(),
        "runs" => "queue `runs`".into(),
        "poison" => "queue `runs-poison`".into(),
        "account" => "the storage account".into(),
        "files" | "registry" | "sealed" => format!("container `{name}`"),
        "vault" => "Key Vault".into(),
        other => other.to_owned(),
    }
}

/// The name of a built-in role by its variable in the Bicep file.
fn built_in(variable: &str) -> Option<&'static str> {
    Some(match variable {
        "tableContributor" => "Storage Table Data Contributor",
        "tableReader" => "Storage Table Data Reader",
        "queueContributor" => "Storage Queue Data Contributor",
        "queueSender" => "Storage Queue Data Message Sender",
        "blobContributor" => "Storage Blob Data Contributor",
        "blobReader" => "Storage Blob Data Reader",
        "blobDelegator" => "Storage Blob Delegator",
        "secretsUser" => "Key Vault Secrets User",
        "secretsOfficer" => "Key Vault Secrets Officer",
        _ => return None,
    })
}
