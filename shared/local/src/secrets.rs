//! Secrets as files that only their owner can read: one folder per secret, one file per version.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{
    Disabled, Secret, SecretBytes, SecretName, SecretVersion, Secrets, VersionFacts,
};
use zeroize::Zeroizing;

use crate::files::{
    FILE_MODE, check_private, create_file, data_folder, make_folders, private_folder, sync_folder,
};
use crate::open::OpenError;
use crate::work::blocking;

/// What the file of a version is called after it was disabled; then it is empty.
const DISABLED: &str = "disabled";

/// Secrets below the folder `secrets`. A version is a number that counts up, and the file of that name holds
/// the value byte for byte.
pub struct FileSecrets(PathBuf);

/// One version as its file's name tells it.
#[derive(Clone, Copy)]
struct Entry {
    number: u64,
    enabled: bool,
}

impl FileSecrets {
    /// Opens the secrets in a folder, which is made when it is missing. Refuses to go on when anybody but
    /// the owner could read one of them.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        data_folder(folder)?;
        let root = folder.join("secrets");
        private_folder(&root)?;
        private_folder(&incoming(&root))?;
        for secret in children(&root).map_err(OpenError::at(&root))? {
            private_folder(&secret)?;
            if secret == incoming(&root) {
                continue;
            }
            for file in children(&secret).map_err(OpenError::at(&secret))? {
                let facts = fs::metadata(&file).map_err(OpenError::at(&file))?;
                check_private(&facts).map_err(OpenError::at(&file))?;
            }
        }
        Ok(Self(root))
    }

    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        name: &SecretName,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Outage> {
        let folder = self.0.join(name.as_str());
        blocking(doing, move || work(&folder).map_err(|error| Outage::harmless(doing, error))).await
    }

    async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        name: &SecretName,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Outage> {
        let folder = self.0.join(name.as_str());
        blocking(doing, move || work(&folder).map_err(|error| Outage::uncertain(doing, error)))
            .await
    }
}

#[async_trait]
impl Secrets for FileSecrets {
    async fn current(&self, name: &SecretName) -> Result<Option<Secret>, Outage> {
        self.read("read a secret", name, |folder| {
            let newest = entries(folder)?.first().copied();
            newest.map_or(Ok(None), |entry| read(folder, entry.number))
        })
        .await
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Option<Secret>, Outage> {
        let number = number_of(version.as_str());
        self.read("read a secret's version", name, move |folder| {
            number.map_or(Ok(None), |number| read(folder, number))
        })
        .await
    }

    async fn put(&self, name: &SecretName, value: &SecretBytes) -> Result<SecretVersion, Outage> {
        let value = Zeroizing::new(value.expose().to_vec());
        let incoming = incoming(&self.0);
        self.write("put a secret", name, move |folder| {
            make_folders(folder)?;
            sync_folder(folder)?;
            loop {
                let number = entries(folder)?.first().map_or(1, |newest| newest.number + 1);
                // The number is taken when somebody else has just put a version; then the next one is free.
                if create_file(&incoming, &folder.join(number.to_string()), &value, FILE_MODE)? {
                    return Ok(SecretVersion::new(number.to_string()));
                }
            }
        })
        .await
    }

    async fn disable(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<Disabled, Outage> {
        let number = number_of(version.as_str());
        self.write("disable a secret's version", name, move |folder| {
            let entries = entries(folder)?;
            let found = entries.iter().position(|entry| Some(entry.number) == number);
            match (found, number) {
                (Some(0), _) => Ok(Disabled::StillCurrent),
                (Some(_), Some(number)) => disable(folder, number).map(|()| Disabled::Yes),
                _ => Ok(Disabled::Yes),
            }
        })
        .await
    }

    async fn facts(&self, name: &SecretName) -> Result<Option<Vec<VersionFacts>>, Outage> {
        self.read("describe a secret", name, |folder| {
            let facts: Vec<VersionFacts> = entries(folder)?
                .into_iter()
                .map(|entry| {
                    Ok(VersionFacts {
                        version: SecretVersion::new(entry.number.to_string()),
                        created_at: made_at(&path_of(folder, entry))?,
                        enabled: entry.enabled,
                    })
                })
                .collect::<io::Result<_>>()?;
            Ok((!facts.is_empty()).then_some(facts))
        })
        .await
    }
}

/// The versions of a secret, newest first; none when there is no such secret.
fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = children(folder)?
        .iter()
        .filter_map(|file| {
            let number = number_of(file.file_stem()?.to_str()?)?;
            Some(Entry { number, enabled: file.extension().is_none() })
        })
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.number));
    Ok(entries)
}

fn path_of(folder: &Path, entry: Entry) -> PathBuf {
    let path = folder.join(entry.number.to_string());
    if entry.enabled { path } else { path.with_extension(DISABLED) }
}

fn read(folder: &Path, number: u64) -> io::Result<Option<Secret>> {
    let file = match File::open(folder.join(number.to_string())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let facts = file.metadata()?;
    check_private(&facts).map_err(|problem| io::Error::other(problem.to_string()))?;
    // Room for all of it from the start: a buffer that grows leaves copies behind.
    let mut value = Vec::with_capacity(usize::try_from(facts.len()).unwrap_or(0) + 1);
    (&file).take(facts.len()).read_to_end(&mut value)?;
    let version = SecretVersion::new(number.to_string());
    Ok(Some(Secret { version, value: SecretBytes::new(value) }))
}

/// First the name, so that nobody reads an empty value, then the content.
fn disable(folder: &Path, number: u64) -> io::Result<()> {
    let (from, to) = (Entry { number, enabled: true }, Entry { number, enabled: false });
    let to = path_of(folder, to);
    match fs::rename(path_of(folder, from), &to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => sync_folder(&to)?,
    }
    let file = OpenOptions::new().write(true).open(&to)?;
    let made = file.metadata()?.modified()?;
    file.set_len(0)?;
    file.set_modified(made)?;
    file.sync_all()
}

fn made_at(path: &Path) -> io::Result<Timestamp> {
    let since = fs::metadata(path)?.modified()?.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Ok(Timestamp::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

/// Only the digits that [`u64`] prints, so that no version can lead to another folder.
fn number_of(version: &str) -> Option<u64> {
    version.parse().ok().filter(|number: &u64| number.to_string() == version)
}

/// A name that no secret can have.
fn incoming(root: &Path) -> PathBuf {
    root.join(".incoming")
}

fn children(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        opened => opened?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}
