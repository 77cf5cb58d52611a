//! Writes the files that are generated from the code: `cargo xtask bless` runs this.
#![expect(clippy::print_stdout, reason = "it tells what it has changed")]

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (path, text) in gatelet_tests::function_json::files() {
        let file = workspace.join(&path);
        if fs::read_to_string(&file).is_ok_and(|found| found == text) {
            continue;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
