//! Objects as files, created once, and their addresses, which the plain server answers.

use std::fs::{self, DirEntry, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, Created, ObjectName, Objects, Place};
use gatelet_core::outage::Outage;
use gatelet_core::random::Random;
use url::Url;

use crate::database::Database;
use crate::files::{
    FILE_MODE, SEALED_MODE, create_file, make_folders, private_folder, sync_folder,
};
use crate::open::OpenError;
use crate::tickets::{self, Direction, Redeemed};
use crate::work::blocking;

/// How often an object's folder is made again that a purge has just removed because it was empty.
const FOLDER_TRIES: usize = 10;

/// Objects below the folder `objects`.
pub struct FileObjects {
    root: PathBuf,
    database: Database,
    base_url: Url,
    random: Arc<dyn Random>,
}

impl FileObjects {
    /// The objects beside a database. `base_url` is the public address under which `objects/{ticket}`
    /// answers.
    pub fn open(
        database: Database,
        base_url: Url,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        let root = database.folder().join("objects");
        for folder in
            [&root, &incoming(&root), &place(&root, Place::Sealed), &place(&root, Place::Files)]
        {
            private_folder(folder)?;
        }
        Ok(Self { root, database, base_url, random })
    }

    /// Takes the ticket of an address; `None` when it is unknown, used before or too old.
    pub async fn redeem(&self, ticket: &str, now: Timestamp) -> Result<Option<Redeemed>, Outage> {
        tickets::redeem(&self.database, ticket, now).await
    }

    async fn address(
        &self,
        name: &ObjectName,
        direction: Direction,
        now: Timestamp,
    ) -> Result<Address, Outage> {
        const DOING: &str = "make an address";
        if name.place() != Place::Files {
            return Err(Outage::harmless(DOING, "sealed objects have no addresses"));
        }
        let redeemed = Redeemed { name: name.clone(), direction };
        let ticket = tickets::issue(&self.database, &*self.random, redeemed, now).await?;
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| Outage::harmless(DOING, "the base address takes no path"))?
            .pop_if_empty()
            .extend(["objects", &ticket]);
        Ok(Address::new(url, Vec::new()))
    }
}

#[async_trait]
impl Objects for FileObjects {
    async fn create(&self, name: &ObjectName, bytes: Bytes) -> Result<Created, Outage> {
        const DOING: &str = "create an object";
        let (root, name) = (self.root.clone(), name.clone());
        blocking(DOING, move || {
            create(&root, &name, &bytes).map_err(|error| Outage::uncertain(DOING, error))
        })
        .await
    }

    async fn read(
        &self,
        name: &ObjectName,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Bytes>, Outage> {
        const DOING: &str = "read an object";
        let path = path_of(&self.root, name);
        blocking(DOING, move || {
            read(&path, offset, limit).map_err(|error| Outage::harmless(DOING, error))
        })
        .await
    }

    async fn upload_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        self.address(name, Direction::Upload, now).await
    }

    async fn download_address(&self, name: &ObjectName, now: Timestamp) -> Result<Address, Outage> {
        self.address(name, Direction::Download, now).await
    }

    async fn purge(&self, before: Timestamp, budget: usize) -> Result<usize, Outage> {
        const DOING: &str = "purge objects";
        tickets::purge(&self.database, before).await?;
        let root = self.root.clone();
        let before = SystemTime::UNIX_EPOCH + Duration::from_millis(before.millis());
        blocking(DOING, move || {
            let mut purge = Purge { before, left: budget };
            purge
                .enter(&place(&root, Place::Files))
                .and_then(|()| purge.enter(&incoming(&root)))
                .map_err(|error| Outage::uncertain(DOING, error))?;
            Ok(budget - purge.left)
        })
        .await
    }
}

fn create(root: &Path, name: &ObjectName, bytes: &[u8]) -> io::Result<Created> {
    let path = path_of(root, name);
    let mode = if name.place() == Place::Sealed { SEALED_MODE } else { FILE_MODE };
    for _ in 0..FOLDER_TRIES {
        let folder = path.parent().unwrap_or(root);
        make_folders(folder)?;
        match create_file(&incoming(root), &path, bytes, mode) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(false) => return Ok(Created::AlreadyThere),
            Ok(true) => {
                for above in folder.ancestors().take_while(|above| *above != root) {
                    sync_folder(above)?;
                }
                return Ok(Created::Yes);
            }
        }
    }
    Err(io::Error::other("the object's folder kept vanishing"))
}

fn read(path: &Path, offset: u64, limit: u64) -> io::Result<Option<Bytes>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    if offset < file.metadata()?.len() {
        file.seek(SeekFrom::Start(offset))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(Some(bytes.into()))
}

/// A purge on its way through the folders.
struct Purge {
    before: SystemTime,
    left: usize,
}

impl Purge {
    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            // Another process has purged it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            if self.left == 0 {
                return Ok(());
            }
            self.visit(&entry?)?;
        }
        Ok(())
    }

    fn visit(&mut self, entry: &DirEntry) -> io::Result<()> {
        let facts = match entry.metadata() {
            // Somebody else's purge, or a file that has just been completed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            facts => facts?,
        };
        if facts.is_dir() {
            self.enter(&entry.path())?;
            // Succeeds only when the folder is empty.
            let _still_used = fs::remove_dir(entry.path());
        } else if facts.modified()? <= self.before && remove(&entry.path())? {
            self.left -= 1;
        }
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

/// An object's file ends in `@`, which no name may hold, so that `a` and `a/b` can both be there.
fn path_of(root: &Path, name: &ObjectName) -> PathBuf {
    place(root, name.place()).join(format!("{}@", name.path()))
}

fn place(root: &Path, place: Place) -> PathBuf {
    root.join(place.name())
}

fn incoming(root: &Path) -> PathBuf {
    root.join("incoming")
}
