//! A secret that a script was given and has said is nowhere in the gateway afterwards: not in its memory, not on disk.
//!
//! The canary itself is never whole in this process while it is looked for. It is kept with every bit turned, and the
//! memory is compared with what that stands for.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "hostile/stage.rs"]
#[expect(dead_code, reason = "this test needs a part of the stage alone")]
mod stage;

#[path = "hostile/memory.rs"]
mod memory;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gatelet_core::automation::attempt::{Answer, Message};
use gatelet_core::automation::{Attempt, Exit, Job, RedactedLines, Redactor, Runner as _};
use gatelet_core::secrets::SecretBytes;
use serde_json::json;

use self::memory::{count, in_files, in_memory, plain, turned};

/// As in every executable of the gateway.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The canary, every bit turned.
const TURNED: [u8; 30] = turned(*b"canary/7f3a9c51+e8Kd0vQzWm2TbX");

/// Keeps what it hears, redacted, as the real attempt does.
struct Keeping {
    redactor: Arc<Redactor>,
    lines: Mutex<RedactedLines>,
    kept: Mutex<Vec<String>>,
}

#[async_trait]
impl Attempt for Keeping {
    async fn hear(&self, message: Message) -> Answer {
        let message = self.redactor.redact_json(&serde_json::to_value(message).unwrap());
        self.kept.lock().unwrap().push(message.to_string());
        Answer::Go
    }

    async fn output(&self, lines: Vec<String>) {
        let mut redacted = self.lines.lock().unwrap();
        self.kept.lock().unwrap().extend(lines.iter().map(|line| redacted.redact(line)));
    }

    async fn stopped(&self) -> &'static str {
        std::future::pending().await
    }
}

const SCRIPT: &str = "
import base64, sys
secret = start['credentials']['cloud']['key']
open('file', 'w').write(secret)
print('out', secret)
print('err', secret, base64.b64encode(secret.encode()).decode(), file=sys.stderr)
log(secret)
say(m='progress', done=1, text=secret)
say(m='result', value={secret: [secret, secret[::-1][::-1]]})
raise RuntimeError(secret)
";

// Proves L 45, 64.
#[test]
fn nothing_of_a_secret_is_left_in_memory_or_on_disk_when_its_run_is_over() {
    let stage = stage::Stage::new();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (kept, exit) = runtime.block_on(async {
        let redactor = {
            let value = SecretBytes::new(plain(&TURNED));
            Arc::new(Redactor::new([("cloud.key".to_owned(), &value)]).unwrap())
        };
        let job = {
            let secret = String::from_utf8(plain(&TURNED)).unwrap();
            let start =
                json!({ "v": 1, "credentials": { "cloud": { "key": secret } }, "inputs": {} });
            let start = SecretBytes::new(serde_json::to_vec(&start).unwrap());
            Job { start, ..stage::job(SCRIPT, &json!({}), false) }
        };
        let lines = Mutex::new(RedactedLines::new(Arc::clone(&redactor)));
        let attempt = Keeping { redactor, lines, kept: Mutex::default() };
        let exit = stage.runner.run(job, &attempt).await.unwrap();
        (attempt.kept.into_inner().unwrap(), exit)
    });
    assert_eq!(exit, Exit::Status(1), "the script has done all of it: {kept:?}");
    assert!(kept.len() > 8, "{kept:?}");
    assert_eq!(in_memory(&TURNED), 0, "in memory");
    assert_eq!(in_files(stage.folder.path(), &TURNED), 0, "on disk");
    assert_eq!(
        kept.iter().map(|line| count(line.as_bytes(), &TURNED)).sum::<usize>(),
        0,
        "in what was kept"
    );
    assert!(kept.iter().any(|line| line.contains("[credential cloud.key removed]")), "{kept:?}");

    let held = plain(&TURNED);
    assert!(in_memory(&TURNED) > 0, "the search finds what is there");
    drop(held);
}
