//! Makes the console part of the executable: each file as it is and compressed, and one version for them all.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use flate2::Compression;
use flate2::write::GzEncoder;

/// The application. A build script runs in its crate's folder.
const CONSOLE: &str = "../../console";
/// Its one page.
const SHELL: &str = "index.html";
/// What stands in the page where the version belongs.
const PLACE: &str = "/assets/VERSION/";
/// The API's description.
const DESCRIPTION: &str = "../../docs/reference/openapi.json";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed={CONSOLE}");
    println!("cargo::rerun-if-changed={DESCRIPTION}");
    let files = files()?;
    let version = version(&files);
    let mut written = Written::new()?;
    writeln!(written.code, "pub(crate) const VERSION: &str = \"{version}\";")?;
    for (path, content) in &files {
        if path == SHELL {
            let page = String::from_utf8(content.clone())?;
            let page = page.replace(PLACE, &format!("/assets/{version}/"));
            let shell = written.asset(path, page.as_bytes())?;
            writeln!(written.code, "pub(crate) static SHELL: Asset = {shell};")?;
        }
    }
    let description = written.asset("openapi.json", &fs::read(DESCRIPTION)?)?;
    writeln!(written.code, "pub(crate) static DESCRIPTION: Asset = {description};")?;
    let mut list = String::new();
    for (path, content) in files.iter().filter(|(path, _)| path != SHELL) {
        let asset = written.asset(path, content)?;
        writeln!(list, "    {asset},")?;
    }
    writeln!(written.code, "pub(crate) static FILES: &[Asset] = &[\n{list}];")?;
    fs::write(written.folder.join("embedded.rs"), &written.code)?;
    Ok(())
}

/// Every file that is served, by its path in the console's folder, in one order on all machines.
fn files() -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(CONSOLE)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if is_served(&name) {
                let inner: Vec<_> =
                    path.strip_prefix(CONSOLE)?.iter().map(|part| part.to_string_lossy()).collect();
                found.push(served(inner.join("/"), fs::read(&path)?)?);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What is meant for people who work on the console is not served. Licences are: their texts must go along.
fn is_served(name: &str) -> bool {
    let for_people = ["md", "toml"].contains(&extension(name));
    !name.starts_with('.') && !name.ends_with('~') && !for_people && name != "tsconfig.json"
}

/// A file as it is served. Comments are for those who read the folder; scripts that others copy go out as they are, and so
/// does what came from elsewhere with its licence.
fn served(path: String, content: Vec<u8>) -> Result<(String, Vec<u8>)> {
    let as_it_is =
        extension(&path) != "js" || path.starts_with("vendor/") || path.starts_with("gatelet");
    let content = if as_it_is { content } else { bare(&String::from_utf8(content)?).into_bytes() };
    Ok((path, content))
}

/// A script without its comments, which stand on lines of their own or say a type in the middle of one. Lines keep their
/// numbers.
fn bare(script: &str) -> String {
    let mut inside = false;
    let mut bare = String::with_capacity(script.len());
    for line in script.lines() {
        let text = line.trim_start();
        if !inside && !text.starts_with("//") {
            let opened = text.starts_with("/*") && !text.contains("*/");
            if opened {
                inside = true;
            } else {
                bare.push_str(without_types(line).trim_end());
            }
        } else if inside && text.contains("*/") {
            inside = false;
        }
        bare.push('\n');
    }
    bare
}

/// A line without `/** … */`.
fn without_types(line: &str) -> String {
    let mut rest = line;
    let mut kept = String::with_capacity(line.len());
    while let Some((before, comment)) = rest.split_once("/** ") {
        let Some((_, after)) = comment.split_once("*/") else { break };
        kept.push_str(before);
        rest = after.trim_start();
    }
    kept + rest
}

fn extension(name: &str) -> &str {
    Path::new(name).extension().and_then(|found| found.to_str()).unwrap_or_default()
}

fn media_type(path: &str) -> Result<&'static str> {
    Ok(match extension(path) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "ts" | "txt" | "" => "text/plain; charset=utf-8",
        _ => return Err(format!("no media type is known for console/{path}").into()),
    })
}

/// Tells two versions of the console apart: it changes with every name and every byte.
fn version(files: &[(String, Vec<u8>)]) -> String {
    let parts = files.iter().flat_map(|(path, content)| {
        let length = content.len().to_be_bytes();
        path.bytes().chain(iter::once(0)).chain(length).chain(content.iter().copied())
    });
    tag(parts)
}

/// FNV-1a. Nothing depends on who could make two alike.
fn tag(bytes: impl IntoIterator<Item = u8>) -> String {
    let step = |tag: u64, byte: u8| (tag ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// What is written: the files' contents, and the code that includes them.
struct Written {
    folder: PathBuf,
    code: String,
    count: usize,
}

impl Written {
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folder this way")]
    fn new() -> Result<Self> {
        let folder = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
        Ok(Self { folder: folder.into(), code: String::new(), count: 0 })
    }

    /// Writes a file in both forms, and returns the expression that includes them. Where compressing saves
    /// nothing, the second form is empty.
    fn asset(&mut self, path: &str, content: &[u8]) -> Result<String> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content)?;
        let gzip = gzip.finish()?;
        let gzip = if gzip.len() < content.len() { gzip } else { Vec::new() };
        let media_type = media_type(path)?;
        let tag = tag(content.iter().copied());
        let plain = self.file(content)?;
        let gzip = self.file(&gzip)?;
        Ok(format!(
            "Asset {{ path: {path:?}, media_type: {media_type:?}, tag: {tag:?}, \
             plain: include_bytes!({plain:?}), gzip: include_bytes!({gzip:?}) }}"
        ))
    }

    fn file(&mut self, content: &[u8]) -> Result<String> {
        let file = self.folder.join(format!("{:03}", self.count));
        self.count += 1;
        fs::write(&file, content)?;
        Ok(file.to_str().ok_or("the folder's name is UTF-8")?.to_owned())
    }
}
