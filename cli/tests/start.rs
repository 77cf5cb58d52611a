//! A start that cannot be: one clear message for each reason, and a code that tells them apart.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use gatelet::{Desk, Said, free_port};

const COULD_NOT: i32 = 3;
const CONFIGURATION: i32 = 78;

/// A registry whose one provider has this issuer.
fn registry(issuer: &str) -> String {
    format!(
        "[roles]\nviewer = {{ scopes = [\"me\"] }}\n\
         [providers.partner]\nkind = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"gatelet\"\n\
         client_secret = \"provider-partner\"\ntenant_claim = \"org\"\n\
         [tenants.acme]\nsign_in = [{{ provider = \"partner\", matches = [\"acme\"] }}]\n\
         roles = [{{ role = \"viewer\" }}]\n"
    )
}

/// A server on the loopback that answers every request with this JSON; its address.
fn server(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let own = address.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let body = answer(&own);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    address
}

fn start_with(desk: &Desk, registry: &str) -> Said {
    std::fs::write(desk.path().join("registry.toml"), registry).unwrap();
    desk.run(&["serve", "--config", "registry.toml", "--port", &free_port()])
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "it is this process's own environment that is looked at"
)]
fn cargo_adds_nothing_to_the_environment_that_would_be_taken_for_a_setting() {
    let known = ["GATELET_LOG", "GATELET_OTLP_URL", "GATELET_TOOLS_DIR"];
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let added =
        names.filter(|name| name.starts_with("GATELET_") && !known.contains(&name.as_str()));
    assert_eq!(added.collect::<Vec<_>>(), Vec::<String>::new(), "`cargo run` would not start");
}

#[test]
fn a_port_in_use_is_named_with_the_option_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let desk = Desk::new();

    let said = desk.run(&["serve", "--port", &port, "--provider-port", &free_port()]);
    assert_eq!(said.code, COULD_NOT, "{said:?}");
    assert!(said.err.starts_with(&format!("error: could not listen on 127.0.0.1:{port}\n")));
    assert!(said.err.contains("cause  Address already in use"), "{said:?}");
    assert!(said.err.contains("next   gatelet dev --port "), "{said:?}");

    let said = desk.run(&["serve", "--port", &free_port(), "--provider-port", &port]);
    assert_eq!(said.code, COULD_NOT, "{said:?}");
    assert!(said.err.contains("next   gatelet dev --provider-port "), "{said:?}");
    assert_eq!(said.out, "", "nothing is announced that does not serve");
}

#[test]
fn a_disk_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    // Nobody makes folders there, whoever runs this.
    let said = desk.run(&["serve", "--folder", "/sys/gatelet"]);
    assert_eq!(said.code, COULD_NOT, "{said:?}");
    assert!(said.err.starts_with("error: could not open the store\n"), "{said:?}");
    assert!(said.err.contains("cannot use /sys/gatelet: it cannot be written"), "{said:?}");
}

#[test]
fn every_mistake_of_a_bad_registry_is_listed() {
    let desk = Desk::new();
    let bad = registry("https://id.example")
        .replace("role = \"viewer\"", "role = \"viewr\"")
        .replace("client_id", "client_di");
    let said = start_with(&desk, &bad);
    assert_eq!(said.code, CONFIGURATION, "{said:?}");
    assert!(said.err.starts_with("error: 3 mistakes in registry.toml\n"), "{said:?}");
    let words = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["did you mean client_id?", "did you mean viewer?", "missing field `client_id`"] {
        assert!(words.contains(part), "{part}: {said:?}");
    }
    assert!(said.err.ends_with("\n  docs     docs/guides/registry.md\n"), "{said:?}");
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    let desk = Desk::new();
    let said = desk.run(&["serve", "--config", "absent.toml", "--port", &free_port()]);
    assert_eq!(said.code, COULD_NOT, "{said:?}");
    assert!(said.err.starts_with("error: could not read absent.toml\n"), "{said:?}");
}

#[test]
fn bad_settings_are_listed() {
    let desk = Desk::new();
    let mut command = desk.command(&["serve"]);
    let output = command.env("GATELET_APP", "auth").env("GATELET_LOG", "=,=").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(CONFIGURATION), "{err}");
    assert!(err.starts_with("error: 2 mistakes in the settings\n"), "{err}");
    assert!(err.contains("GATELET_APP  not a setting of this host"), "{err}");
}

#[test]
fn a_secret_that_is_missing_is_named_with_the_command_that_puts_it() {
    let issuer = server(|own| format!("{{\"issuer\":\"{own}\"}}"));
    let desk = Desk::new();
    let said = start_with(&desk, &registry(&issuer));
    assert_eq!(said.code, CONFIGURATION, "{said:?}");
    assert!(said.err.contains("gatelet secrets rotate provider-partner < FILE"), "{said:?}");

    let said = desk.run_with(&["secrets", "rotate", "provider-partner"], "s3cret\n");
    assert_eq!(said.code, 0, "{said:?}");
    // What is left is a mistake on purpose, so that this start ends by itself too.
    let wrong = server(|_| "{\"issuer\":\"https://other.example\"}".into());
    let said = start_with(&desk, &registry(&wrong));
    assert!(!said.err.contains("provider-partner"), "{said:?}");
}

#[test]
fn a_provider_that_calls_itself_otherwise_is_named() {
    let issuer = server(|_| "{\"issuer\":\"https://other.example\"}".into());
    let desk = Desk::new();
    desk.run_with(&["secrets", "rotate", "provider-partner"], "s3cret");
    let said = start_with(&desk, &registry(&issuer));
    assert_eq!(said.code, CONFIGURATION, "{said:?}");
    let part = "providers.partner.issuer the provider there calls itself \"https://other.example\"";
    let words: Vec<&str> = said.err.split_whitespace().collect();
    assert!(words.join(" ").contains(part), "{said:?}");
}

#[test]
fn people_are_chosen_by_a_click_on_this_machine_alone() {
    let desk = Desk::new();
    for elsewhere in ["https://gate.example", "http://gate.example", "https://localhost/path"] {
        let said = desk.run(&["dev", "--base-url", elsewhere, "--port", &free_port()]);
        assert_eq!(said.code, CONFIGURATION, "{said:?}");
        assert!(said.err.contains("--base-url  must be"), "{said:?}");
    }
    assert!(!desk.path().join(".gatelet").exists(), "nothing was begun");
}
