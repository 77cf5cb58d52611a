//! What strangers send, each kind as a function of bytes. Whatever the bytes are, the function returns: nothing
//! panics, nobody is let in, and no answer says that something broke inside.
//!
//! `tests/strangers.rs` runs each function over its seeds and what comes of them, with every `cargo test`. The package
//! in `libfuzzer/` lets libFuzzer look for more, which takes a nightly toolchain and `cargo install cargo-fuzz`:
//!
//! ```sh
//! cd tests/fuzz && cargo +nightly fuzz run --fuzz-dir libfuzzer access_token
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what is found is told by a panic"
)]

mod attempt;
mod requests;
mod strangers;

pub use self::attempt::letter;
pub use self::requests::{
    access_token, code, cookie_header, form, path, refresh_token, sealed_cookie, target,
    traceparent,
};
pub use self::strangers::{discovery, id_token, key_set, queue_message, registry, token_answer};

/// A kind of thing that strangers send.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, here and by libFuzzer.
    pub name: &'static str,
    /// Takes the bytes.
    pub run: fn(&[u8]),
    /// Bytes to begin with: what is sent honestly, and what has broken others.
    pub seeds: &'static [&'static str],
}

/// Every kind.
pub const TARGETS: &[Target] = &[
    Target {
        name: "cookie_header",
        run: cookie_header,
        seeds: &[
            "a=1; __Host-bff_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; b=2",
            "__Host-bff_session=A,__Host-bff_session=B",
            "__Host-bff_session=\"AAAA\"; bff_session=x;;=;,",
        ],
    },
    Target {
        name: "path",
        run: path,
        seeds: &["/auth/session", "/auth/%2e%2e/api/me", "//x", "/a;b", "/auth/login/one?target=/"],
    },
    Target {
        name: "form",
        run: form,
        seeds: &[
            "grant_type=refresh_token&client_id=cli&refresh_token=a.0.b",
            "grant_type=authorization_code&client_id=cli&code=x&redirect_uri=y&code_verifier=z",
            "token=x&token=y&%ff=%00&&=",
        ],
    },
    Target {
        name: "target",
        run: target,
        seeds: &["/t/acme", "//evil.example", "/\\evil.example", "/%09/evil.example", "https:a"],
    },
    Target {
        name: "access_token",
        run: access_token,
        seeds: &[
            "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AA",
            "eyJhbGciOiJub25lIn0.e30.",
            "..",
        ],
    },
    Target {
        name: "refresh_token",
        run: refresh_token,
        seeds: &[
            "0123456789abcdef0123456789abcdef.0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "0123456789abcdef0123456789abcdef.4294967296.AA",
        ],
    },
    Target {
        name: "code",
        run: code,
        seeds: &[
            "0123456789abcdef0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ".",
        ],
    },
    Target {
        name: "sealed_cookie",
        run: sealed_cookie,
        seeds: &["0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "0.", "999999999999.AAAA"],
    },
    Target {
        name: "traceparent",
        run: traceparent,
        seeds: &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0-0-0", "ff---"],
    },
    Target {
        name: "id_token",
        run: id_token,
        seeds: &[
            "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL29uZS5leGFtcGxlIn0.AA",
            "eyJhbGciOiJub25lIn0.e30.",
            "eyJhbGciOiJIUzI1NiJ9.e30.AA",
        ],
    },
    Target {
        name: "token_answer",
        run: token_answer,
        seeds: &[
            r#"{"id_token":"a.b.c","access_token":"x"}"#,
            r#"{"error":"invalid_grant"}"#,
            "[[",
        ],
    },
    Target {
        name: "discovery",
        run: discovery,
        seeds: &[
            r#"{"issuer":"https://one.example","authorization_endpoint":"https://one.example/a",
                "token_endpoint":"https://one.example/t","jwks_uri":"https://one.example/k"}"#,
            r#"{"issuer":"https://one.example","authorization_endpoint":"javascript:alert(1)",
                "token_endpoint":"http://one.example/t","jwks_uri":"file:///k"}"#,
        ],
    },
    Target {
        name: "key_set",
        run: key_set,
        seeds: &[
            r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"AA","y":"AA"}]}"#,
            r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"oct","k":"AA"},null]}"#,
        ],
    },
    Target {
        name: "registry",
        run: registry,
        seeds: &[
            "[roles.a]\nscopes = [\"me\"]\n[tenants.b]\nsign_in = []\nroles = [{ role = \"a\" }]\n",
            "[providers.c]\nkind = \"oidc\"\nissuer = \"https://x\"\nclient_id = \"y\"\n",
            "[clients.d]\nredirect_uris = [\"http://127.0.0.1/c\", \"javascript:x\"]\n",
        ],
    },
    Target {
        name: "queue_message",
        run: queue_message,
        seeds: &[
            r#"{"v":1,"tenant":"acme","run":"0af7651916cd43dd8448eb211c80319c"}"#,
            r#"{"v":2,"tenant":"../x","run":""}"#,
        ],
    },
    Target {
        name: "letter",
        run: letter,
        seeds: &[
            r#"{"n":1,"nonce":"nonce-of-the-first-one","message":{"m":"hello"}}"#,
            r#"{"n":2,"output":["a line"]}"#,
            r#"{"n":3,"exit":{"stopped":"timed_out"}}"#,
            r#"{"pulse":true}"#,
        ],
    },
];
