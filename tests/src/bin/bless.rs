//! Writes the files that are generated from the code: `cargo xtask bless` runs this.
#![expect(clippy::print_stdout, reason = "it tells what it has changed")]

use std::{fs, io};

use gatelet_tests::{function_json, project};

fn main() -> io::Result<()> {
    for (path, text) in function_json::files() {
        let file = project().join(&path);
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
