//! Makes the folder `automations` part of the executable: each file by its path there.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The catalog. A build script runs in its crate's folder.
const AUTOMATIONS: &str = "../../automations";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders this way")]
fn main() -> Result<()> {
    println!("cargo::rerun-if-changed={AUTOMATIONS}");
    let root = env::current_dir()?.join(AUTOMATIONS).canonicalize()?;
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut code = String::from("pub(crate) static FILES: &[(&str, &[u8])] = &[\n");
    for (number, path) in files(&root)?.into_iter().enumerate() {
        let name: Vec<_> =
            path.strip_prefix(&root)?.iter().map(|part| part.to_string_lossy()).collect();
        // A copy: the next checkout that builds into the same folder may lie elsewhere.
        let copy = folder.join(format!("{number:03}"));
        fs::write(&copy, fs::read(&path)?)?;
        let copy = copy.to_str().ok_or("the folder's name is UTF-8")?;
        writeln!(code, "    ({:?}, include_bytes!({copy:?})),", name.join("/"))?;
    }
    code.push_str("];\n");
    fs::write(folder.join("embedded.rs"), code)?;
    Ok(())
}

/// Every file, in one order on all machines. What tools have made beside them is left out.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
