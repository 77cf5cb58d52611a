//! The refresh token on this machine's disk: one file a gateway and API, which only its owner can
//! read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use gatelet_core::secrets::SecretBytes;
use gatelet_host::Reader;
use url::Url;

use crate::exit::Exit;
use crate::say::Failure;

/// The longest token that is read, in bytes.
const LONGEST: u64 = 4096;

/// The place of one gateway's token. While it is open, other commands for the same gateway wait.
pub(super) struct Kept {
    path: PathBuf,
    _lock: File,
}

impl Kept {
    /// Opens the place for this gateway and API, below the folder that the XDG Base Directory Specification names.
    pub(super) fn open(gateway: &Url, audience: Option<&str>) -> Result<Self, Failure> {
        let folder = folder()?;
        let host = gateway.host_str().unwrap_or_default().replace(':', "_");
        let port = gateway.port_or_known_default().unwrap_or_default();
        let api = audience.map(|uri| hex::encode(digest(&SHA256, uri.as_bytes())));
        let api = api.map(|api| format!("_{api}")).unwrap_or_default();
        let path = folder.join(format!("{host}_{port}{api}.token"));
        let lock = lock(&folder, &path.with_extension("lock")).map_err(failed("open", &path))?;
        Ok(Self { path, _lock: lock })
    }

    /// The token, if there is one. A file that others could have read is not used.
    pub(super) fn read(&self) -> Result<Option<SecretBytes>, Failure> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed("open", &self.path))?,
        };
        let facts = file.metadata().map_err(failed("read", &self.path))?;
        if facts.permissions().mode() & 0o077 != 0 {
            let failure = Failure::no(format!("{} could be read by others", self.path.display()));
            return Err(failure.note("next", "gatelet logout, then gatelet login"));
        }
        // Room for all of it from the start: a buffer that grows leaves copies behind.
        let length = facts.len().min(LONGEST);
        let mut value = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
        file.take(length).read_to_end(&mut value).map_err(failed("read", &self.path))?;
        Ok(Some(SecretBytes::new(value)))
    }

    /// Keeps a token in place of the one before it, whole or not at all.
    pub(super) fn write(&mut self, token: &str) -> Result<(), Failure> {
        replace(&self.path, token.as_bytes()).map_err(failed("write", &self.path))
    }

    /// Forgets the token.
    pub(super) fn forget(&mut self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(failed("remove", &self.path)),
        }
    }
}

fn folder() -> Result<PathBuf, Failure> {
    let mut reader = Reader::environment();
    let stated = reader.optional("XDG_STATE_HOME").map(PathBuf::from);
    let home = reader.optional("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    // A relative path is to be ignored, says the specification.
    let folder = stated.filter(|path| path.is_absolute()).or(home);
    let missing = || {
        let failure = Failure::new(Exit::Configuration, "there is no folder to keep a token in");
        let failure = failure.note("cause", "neither XDG_STATE_HOME nor HOME names one");
        failure.note("docs", "gatelet help environment")
    };
    folder.map(|folder| folder.join("gatelet")).ok_or_else(missing)
}

fn lock(folder: &Path, path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.lock()?;
    Ok(file)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    // Made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|refused| refused.error)?;
    File::open(folder)?.sync_all()
}

fn failed(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let doing = format!("{doing} {}", path.display());
    move |error| Failure::could_not(&doing, &error)
}
