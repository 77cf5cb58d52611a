//! Scripts that want all memory, disk or output.

use gatelet_core::automation::Exit;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn memory_beyond_the_limit_is_not_there() {
    let told = Stage::new().run("log(tried(lambda: len(bytearray(4 << 30))))").await;
    assert_eq!(told.first(), json!("refused: MemoryError()"));
    let told = Stage::new().run("x = []\nwhile True:\n    x.append(bytearray(64 << 20))").await;
    assert_eq!(told.exit, Exit::Status(1));
    assert!(told.lines.iter().any(|line| line == "MemoryError"), "{:?}", told.lines);
}

#[tokio::test]
async fn a_file_ends_at_its_limit() {
    let script = "
def fill():
    with open('big', 'wb') as file:
        while True:
            file.write(bytes(1 << 20))
log(tried(fill))
log(os.stat('big').st_size <= 2 << 20)
";
    let told = Stage::with(|setup| setup.limits.file = 2 << 20).run(script).await;
    assert!(told.first().as_str().unwrap().contains("File too large"), "{told:?}");
    assert_eq!(told.logged().last().unwrap(), &json!(true));
}

#[tokio::test]
async fn many_files_end_the_script_that_makes_them() {
    let many = "
n = 0
while True:
    open(f'{n}', 'wb').write(bytes(1 << 20))
    n += 1
";
    let told = Stage::with(|setup| setup.limits.scratch = 32 << 20).run(many).await;
    assert_eq!(told.exit, Exit::Stopped("too_much_output"));
    let empty = "
n = 0
while True:
    open(f'{n}', 'wb').close()
    n += 1
";
    let told = Stage::with(|setup| setup.limits.entries = 500).run(empty).await;
    assert_eq!(told.exit, Exit::Stopped("too_much_output"));
}

#[tokio::test]
async fn folders_that_no_path_reaches_and_that_nobody_may_enter_are_removed() {
    let script = "
os.mkdir('closed')
open('closed/file', 'w').close()
os.chmod('closed', 0)
os.symlink('/etc', 'link')
os.mkfifo('pipe')
for _ in range(3000):
    os.mkdir('deep')
    os.chdir('deep')
import time
time.sleep(1000)
";
    // That nothing is left is looked at after every run. What cannot be measured counts as too much.
    let told = Stage::new().run(script).await;
    assert_eq!(told.exit, Exit::Stopped("too_much_output"), "{told:?}");
}

#[tokio::test]
async fn megabytes_of_output_come_in_bounded_lines() {
    let script = "
import sys
sys.stdout.write('a' * (8 << 20))
sys.stdout.write('\\n')
for n in range(20000):
    print(n, file=sys.stderr if n % 2 else sys.stdout)
os.write(1, b'no end \\xff')
";
    let told = Stage::new().run(script).await;
    assert_eq!(told.exit, Exit::Status(0));
    assert_eq!(told.lines.len(), 20_002);
    assert!(told.lines.iter().all(|line| line.len() < 17 * 1024));
    assert!(told.lines[0].ends_with("more bytes]"), "{:?}", told.lines[0].get(16_000..));
    assert_eq!(told.lines.last().unwrap(), "no end \u{fffd}");
}
