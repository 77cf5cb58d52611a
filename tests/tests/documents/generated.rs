//! The generated references are as the code is, and no role may do more than the design gives its function.

use std::collections::BTreeSet;

use gatelet_tests::reference::{self, limits, permissions};

use crate::read;

#[test]
fn what_is_committed_is_what_the_code_says() {
    for (path, expected) in reference::pages().unwrap() {
        assert!(read(path) == expected, "{path}: `cargo xtask bless` writes it");
    }
}

#[test]
fn every_public_number_is_among_the_limits() {
    assert_eq!(limits::left_out().unwrap(), Vec::<String>::new());
}

/// What the design gives a function at most: tables, and the beginnings of secrets that it may read.
struct Given {
    function: &'static str,
    identity: &'static str,
    runs: &'static str,
    audit: &'static str,
    reads: &'static [&'static str],
    queue: &'static [&'static str],
}

const READS: &str = "GetItem Query";
const WRITES: &str = "ConditionCheckItem DeleteItem GetItem PutItem Query";
const APPENDS: &str = "PutItem";
const NOTHING: &str = "";

const DESIGN: [Given; 9] = [
    Given {
        function: "login",
        identity: WRITES,
        runs: NOTHING,
        audit: APPENDS,
        reads: &["provider-*", "login-sealing-key"],
        queue: &[],
    },
    Given {
        function: "token",
        identity: WRITES,
        runs: NOTHING,
        audit: APPENDS,
        reads: &["signing-key-*", "refresh-pepper"],
        queue: &[],
    },
    Given {
        function: "revoke",
        identity: WRITES,
        runs: NOTHING,
        audit: APPENDS,
        reads: &["provider-*"],
        queue: &[],
    },
    Given {
        function: "run-automation",
        identity: READS,
        runs: WRITES,
        audit: "GetItem PutItem Query",
        reads: &[],
        queue: &["SendMessage"],
    },
    Given {
        function: "attempt",
        identity: NOTHING,
        runs: WRITES,
        audit: NOTHING,
        reads: &[],
        queue: &[],
    },
    Given {
        function: "console",
        identity: NOTHING,
        runs: NOTHING,
        audit: NOTHING,
        reads: &[],
        queue: &[],
    },
    Given {
        function: "work-automation",
        identity: NOTHING,
        runs: WRITES,
        audit: APPENDS,
        reads: &["connection-*"],
        queue: &["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"],
    },
    Given {
        function: "runner",
        identity: NOTHING,
        runs: NOTHING,
        audit: NOTHING,
        reads: &[],
        queue: &[],
    },
    Given {
        function: "upkeep",
        identity: WRITES,
        runs: WRITES,
        audit: WRITES,
        reads: &["status-list-*", "checkpoint-*"],
        queue: &["SendMessage"],
    },
];

#[test]
fn no_function_may_do_more_on_aws_than_the_design_gives_it() {
    let roles = permissions::aws().unwrap();
    let names: BTreeSet<&str> = roles.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, DESIGN.iter().map(|given| given.function).collect());
    for (function, rights) in &roles {
        let given = DESIGN.iter().find(|given| given.function == function).unwrap();
        let most = |words: &str| words.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        for (thing, actions) in rights {
            let place = format!("{function} on {thing}: {actions:?}");
            match thing.as_str() {
                "identity" => assert!(actions.is_subset(&most(given.identity)), "{place}"),
                "runs" => assert!(actions.is_subset(&most(given.runs)), "{place}"),
                "audit" => assert!(actions.is_subset(&most(given.audit)), "{place}"),
                "registry" => assert_eq!(*actions, most("GetObject"), "{place}"),
                "queue" => assert!(actions.is_subset(&most(&given.queue.join(" "))), "{place}"),
                "files" => {
                    let those = ["run-automation", "work-automation"];
                    assert!(those.contains(&function.as_str()), "{place}");
                    assert!(actions.is_subset(&most("GetObject ListBucket PutObject")), "{place}");
                }
                "runner" => {
                    assert_eq!(function, "work-automation", "{place}");
                    assert_eq!(*actions, most("InvokeFunction"), "{place}");
                }
                secret => {
                    let secret = secret.strip_prefix("secret ").unwrap();
                    let reads = actions.contains("GetSecretValue");
                    assert!(!reads || given.reads.contains(&secret), "{place}");
                    assert!(reads || function == "upkeep", "{place}: only upkeep makes secrets");
                }
            }
        }
    }
}

#[test]
fn what_runs_scripts_may_do_nothing_on_either_cloud() {
    let roles = permissions::aws().unwrap();
    let (_, rights) = roles.iter().find(|(name, _)| name == "runner").unwrap();
    assert!(rights.is_empty(), "{rights:?}");
    let template = read("template.yaml");
    let (_, function) = template.split_once("\n  RunnerFunction:\n").unwrap();
    let (function, _) = function.split_once("\n\n").unwrap();
    assert!(function.contains("IgnoreGlobals: [Environment,"), "it has no settings");
    assert!(!function.contains("Variables:"), "it has no settings");

    let app = read("infra/azure/modules/runner.bicep");
    assert_eq!(app.matches("roleAssignments@").count(), 1, "one right");
    assert!(app.contains("scope: container\n"), "on the container of its package");
    assert!(app.contains("roleDefinitions', blobReader)"), "to read it");
    assert!(app.contains("requireAuthentication: true"), "nobody calls it without a token");
    let settings = app.split_once("name: 'appsettings'").unwrap().1;
    let (settings, _) = settings.split_once("\n}\n").unwrap();
    assert!(!settings.contains("GATELET_"), "it has no settings of ours");
}

#[test]
fn no_two_functions_may_read_the_signing_keys() {
    let roles = permissions::aws().unwrap();
    let readers = roles.iter().filter(|(_, rights)| {
        let actions = rights.get("secret signing-key-*");
        actions.is_some_and(|actions| actions.contains("GetSecretValue"))
    });
    assert_eq!(readers.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["token"]);
}

#[test]
fn no_app_may_do_more_on_azure_than_its_functions() {
    let apps = permissions::azure().unwrap();
    let may = |app: &str, thing: &str| {
        apps[app].get(thing).map(|roles| roles.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(apps.keys().collect::<Vec<_>>(), ["api", "auth", "work"]);
    assert_eq!(may("api", "table `identity`"), Some(vec!["Storage Table Data Reader"]));
    assert_eq!(may("api", "Key Vault"), None, "what acts for a person needs no secret");
    assert_eq!(may("api", "queue `runs`"), Some(vec!["Storage Queue Data Message Sender"]));
    assert_eq!(may("auth", "Key Vault"), Some(vec!["Key Vault Secrets User"]));
    assert_eq!(may("auth", "table `runs`"), None);
    assert_eq!(may("auth", "queue `runs`"), None);
    assert_eq!(may("auth", "container `files`"), None);
    for app in ["api", "auth", "work"] {
        assert_eq!(may(app, "container `registry`"), Some(vec!["Storage Blob Data Reader"]));
    }
    assert!(apps.values().all(|rights| !rights.contains_key("container `sealed`")));
}
