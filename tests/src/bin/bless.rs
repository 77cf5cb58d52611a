//! Writes the files that are generated from the code: `cargo xtask bless` runs this.
#![expect(clippy::print_stdout, reason = "it tells what it has changed")]

use std::path::{Path, PathBuf};
use std::{fs, io};

use gatelet_tests::coverage::Coverage;
use gatelet_tests::{declared, function_json, matrix, project, reference, template};

fn main() -> io::Result<()> {
    let path = PathBuf::from("template.yaml");
    let written = template::with_routes(&fs::read_to_string(project().join(&path))?)
        .ok_or_else(|| io::Error::other("template.yaml has lost the marks of its routes"))?;
    write(&path, &written)?;
    for (path, text) in function_json::files() {
        write(&path, &text)?;
    }
    write(Path::new(matrix::PATH), &matrix::table())?;
    write(Path::new("docs/reference/standards.md"), &Coverage::read()?.page())?;
    for (path, text) in reference::pages()? {
        write(Path::new(path), &text)?;
    }
    let (path, text) = declared::api_description();
    write(Path::new(path), &text)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let file = project().join(path);
    if fs::read_to_string(&file).is_ok_and(|found| found == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, text)?;
    println!("wrote {}", path.display());
    Ok(())
}
