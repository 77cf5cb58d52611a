//! A certificate authority for one test run, with one certificate for the loopback names
//! and, as the vault's double is also called by the name of a real one, for those.
//!
//! The openssl program makes them: a certificate library would double what this package compiles.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Result, logged};

/// Files in PEM form.
pub(super) struct Authority {
    /// What the client trusts.
    pub(super) ca: PathBuf,
    /// What the server shows.
    pub(super) certificate: PathBuf,
    /// The server's private key.
    pub(super) key: PathBuf,
}

const EXTENSIONS: &str = "basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,DNS:*.vault.azure.net,IP:127.0.0.1
";

const NEW_KEY: [&str; 6] = ["req", "-newkey", "rsa:2048", "-nodes", "-sha256", "-keyout"];

/// The authority of this folder, made when it is asked for first.
pub(super) fn of(folder: &Path) -> Result<Authority> {
    let file = |name: &str| folder.join(name);
    let authority = Authority {
        ca: file("ca.pem"),
        certificate: file("server.pem"),
        key: file("server-key.pem"),
    };
    if !authority.certificate.is_file() {
        fs::create_dir_all(folder)?;
        make(folder, &authority)?;
    }
    Ok(authority)
}

/// Makes a new authority and a server certificate in the folder.
fn make(folder: &Path, Authority { ca, certificate, key }: &Authority) -> Result<()> {
    let log = folder.join("openssl.log");
    let file = |name: &str| folder.join(name);
    let (ca_key, request) = (file("ca-key.pem"), file("server.csr"));

    let mut root = Command::new("openssl");
    root.args(NEW_KEY).arg(&ca_key).args(["-x509", "-days", "30", "-subj", "/CN=Gatelet test CA"]);
    root.args(["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out"]).arg(ca);
    logged(&mut root, &log)?;

    let mut ask = Command::new("openssl");
    ask.args(NEW_KEY).arg(key).args(["-subj", "/CN=localhost", "-out"]).arg(&request);
    logged(&mut ask, &log)?;

    let extensions = file("server.ext");
    fs::write(&extensions, EXTENSIONS)?;
    let mut sign = Command::new("openssl");
    sign.args(["x509", "-req", "-sha256", "-days", "30", "-CAcreateserial", "-in"]).arg(&request);
    sign.arg("-CA").arg(ca).arg("-CAkey").arg(&ca_key);
    sign.arg("-extfile").arg(&extensions).arg("-out").arg(certificate);
    logged(&mut sign, &log)
}
