//! The folder: who may enter, what survives a restart, and what is refused with which words.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatelet_contracts::SeededRandom;
use gatelet_contracts::records::{NOON, Stage};
use gatelet_core::automation::{Queue as _, RunId, RunMessage};
use gatelet_core::objects::{Created, ObjectName, Objects as _, Place};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets as _};
use gatelet_core::tenant::TenantId;
use gatelet_local::{
    Database, FileObjects, FileSecrets, OpenError, Problem, SqliteQueue, SqliteRecords,
};
use tempfile::TempDir;
use url::Url;

#[tokio::test]
async fn a_restart_keeps_everything_and_only_the_owner_may_read_it() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("new").join("gatelet");
    let tenant = TenantId::new("acme").unwrap();
    let run = RunId::new("0123456789abcdef0123456789abcdef").unwrap();
    let message = RunMessage { tenant, run, traceparent: None };
    let name = SecretName::new("pepper").unwrap();
    let sealed = ObjectName::new(Place::Sealed, "acme/2100/log").unwrap();

    let parts = Parts::open(&folder);
    let stage = Stage::new(Arc::new(SqliteRecords::new(parts.database.clone())));
    let partition = stage.partition("restart");
    let version = stage.put(&partition, "row", b"body").await;
    SqliteQueue::new(parts.database.clone()).send(&message).await.unwrap();
    parts.secrets.put(&name, &SecretBytes::new(b"value".to_vec())).await.unwrap();
    let created = parts.objects.create(&sealed, Bytes::from_static(b"log")).await.unwrap();
    assert_eq!(created, Created::Yes);
    let address = parts
        .objects
        .download_address(&ObjectName::new(Place::Files, "report").unwrap(), NOON)
        .await
        .unwrap();
    check_modes(&folder);
    drop((parts, stage));

    let parts = Parts::open(&folder);
    let stage = Stage::new(Arc::new(SqliteRecords::new(parts.database.clone())));
    let record = stage.get(&partition, "row").await.unwrap();
    assert_eq!((record.version, record.body), (version, b"body".to_vec()));
    let queue = SqliteQueue::new(parts.database.clone());
    let delivery = queue.receive(NOON, Duration::from_mins(1)).await.unwrap().unwrap();
    assert_eq!(RunMessage::from_json(&delivery.text).unwrap(), message);
    let secret = parts.secrets.current(&name).await.unwrap().unwrap();
    assert_eq!(secret.value.expose(), b"value");
    assert_eq!(parts.objects.read(&sealed, 0, 10).await.unwrap().unwrap(), "log");
    let ticket = address.expose().path_segments().unwrap().next_back().unwrap();
    assert!(parts.objects.redeem(ticket, NOON).await.unwrap().is_some());
    check_modes(&folder);
}

#[test]
fn a_file_in_the_folders_place_is_refused() {
    let parent = TempDir::new().unwrap();
    let path = parent.path().join("file");
    fs::write(&path, "").unwrap();
    assert!(matches!(refused(&path).problem, Problem::NotAFolder));
    assert!(matches!(refused(&path.join("below")).problem, Problem::NotAFolder));
}

#[test]
fn a_folder_that_others_may_write_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o775)).unwrap();
    let text = refused(folder.path()).to_string();
    assert!(
        text.ends_with("its mode is 0775, and nobody but its owner may have access: chmod 0700")
    );
}

#[tokio::test]
async fn a_secret_that_others_may_read_is_refused() {
    let folder = TempDir::new().unwrap();
    let secrets = FileSecrets::open(folder.path()).unwrap();
    let name = SecretName::new("pepper").unwrap();
    secrets.put(&name, &SecretBytes::new(b"value".to_vec())).await.unwrap();
    let file = folder.path().join("secrets/pepper/1");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();

    assert!(secrets.current(&name).await.is_err());
    let Err(error) = FileSecrets::open(folder.path()) else { panic!("it was opened") };
    assert_eq!(error.path, file);
    assert!(matches!(error.problem, Problem::TooOpen { mode: 0o640, wanted: 0o600 }));
}

#[test]
fn a_damaged_file_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gatelet.db");
    fs::write(&path, "certainly no database, and long enough to be looked at ".repeat(100))
        .unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let error = refused(folder.path());
    assert!(matches!(error.problem, Problem::Corrupt), "{error}");
    assert_eq!(error.path, path);
}

#[test]
fn a_newer_release_is_not_overwritten() {
    let folder = TempDir::new().unwrap();
    drop(Database::open(folder.path()).unwrap());
    let file = rusqlite::Connection::open(folder.path().join("gatelet.db")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let error = refused(folder.path());
    assert!(matches!(error.problem, Problem::Newer { found: 99, known: 1 }));
    assert!(error.to_string().contains("schema 99"), "{error}");
}

struct Parts {
    database: Database,
    secrets: FileSecrets,
    objects: FileObjects,
}

impl Parts {
    fn open(folder: &Path) -> Self {
        let database = Database::open(folder).unwrap();
        let base = Url::parse("https://gate.example/").unwrap();
        let random = Arc::new(SeededRandom::unseeded());
        Self {
            secrets: FileSecrets::open(folder).unwrap(),
            objects: FileObjects::open(database.clone(), base, random).unwrap(),
            database,
        }
    }
}

fn refused(folder: &Path) -> OpenError {
    match Database::open(folder) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

/// Folders 0700, files 0600, sealed objects 0400; and the walk did see the files that matter.
fn check_modes(folder: &Path) {
    let mut seen = Vec::new();
    walk(folder, &mut seen);
    for path in &seen {
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let wanted = match path {
            folder if folder.is_dir() => 0o700,
            sealed if sealed.starts_with(folder.join("objects/sealed")) => 0o400,
            _ => 0o600,
        };
        assert_eq!(mode, wanted, "{}: {mode:o}", path.display());
    }
    for file in
        ["gatelet.db", "gatelet.db-wal", "secrets/pepper/1", "objects/sealed/acme/2100/log@"]
    {
        assert!(seen.contains(&folder.join(file)), "{file} is missing");
    }
}

fn walk(path: &Path, seen: &mut Vec<PathBuf>) {
    seen.push(path.to_owned());
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), seen);
        }
    }
}
