//! What a script writes, held back until the next commit: lines of its log, and how far it is.
//!
//! A line is kept within a second or with the next step, whichever comes first. A worker that dies takes the lines of
//! that second with it; what counts, steps and results, is never held back.

use crate::automation::event::{Happening, Source};
use crate::automation::row::{Progress, Written};

/// The longest line, in bytes. What is longer is cut.
pub const LINE_TEXT_BYTES: usize = 4 * 1024;
/// The most bytes of log that a run keeps.
pub const LOG_BYTES: u64 = 2 * 1024 * 1024;
/// The most lines of log that a run keeps.
pub const LOG_LINES: u64 = 20_000;
/// The longest text of a progress, in characters.
pub const PROGRESS_LENGTH: usize = 200;

/// The most bytes of lines in one event, as JSON: a record's body holds 60 KiB.
const EVENT_BYTES: usize = 40 * 1024;
/// So many events of lines are held back at most.
const FULL: usize = 8;

/// What waits for the next commit.
#[derive(Default)]
pub(super) struct Output {
    batches: Vec<Batch>,
    progress: Option<Progress>,
    /// What the run has written, with what waits here.
    written: Written,
    cut_now: bool,
}

struct Batch {
    source: Source,
    lines: Vec<String>,
    bytes: usize,
}

impl Output {
    /// Goes on behind what earlier attempts have written.
    pub(super) fn after(written: Written) -> Self {
        Self { written, ..Self::default() }
    }

    /// Takes a line. What is beyond a run's share is not kept, and that is told once.
    pub(super) fn line(&mut self, source: Source, text: &str) {
        let text = cut(text, LINE_TEXT_BYTES);
        let bytes = text.len() as u64;
        if self.written.cut {
            return;
        }
        if self.written.lines >= LOG_LINES || self.written.bytes + bytes > LOG_BYTES {
            self.written.cut = true;
            self.cut_now = true;
            return;
        }
        self.written.lines += 1;
        self.written.bytes += bytes;
        let as_json = serde_json::Value::from(text).to_string().len() + 1;
        match self.batches.last_mut() {
            Some(batch) if batch.source == source && batch.bytes + as_json <= EVENT_BYTES => {
                batch.lines.push(text.to_owned());
                batch.bytes += as_json;
            }
            _ => {
                let lines = vec![text.to_owned()];
                self.batches.push(Batch { source, lines, bytes: as_json });
            }
        }
    }

    /// Takes a progress over the one before it.
    pub(super) fn progress(&mut self, progress: Progress) {
        self.progress = Some(progress);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.progress.is_none() && !self.cut_now
    }

    /// Whether it should not grow any more.
    pub(super) fn is_full(&self) -> bool {
        self.batches.len() >= FULL
    }

    /// What the next commit tells.
    pub(super) fn happenings(&self) -> Vec<Happening> {
        let lines = self
            .batches
            .iter()
            .map(|batch| Happening::Log { source: batch.source, lines: batch.lines.clone() });
        let cut = self.cut_now.then_some(Happening::LogCut);
        let progress = self.progress.clone().map(Happening::Progress);
        lines.chain(cut).chain(progress).collect()
    }

    /// How far the run is, if it has said so since the last commit.
    pub(super) fn latest(&self) -> Option<&Progress> {
        self.progress.as_ref()
    }

    /// What the run has written, with what waits here.
    pub(super) const fn written(&self) -> Written {
        self.written
    }

    /// The commit has arrived.
    pub(super) fn is_kept(&mut self) {
        self.batches.clear();
        self.progress = None;
        self.cut_now = false;
    }
}

/// At most so many bytes of a text, whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(output: &Output) -> usize {
        let told = output.happenings();
        told.iter()
            .map(|it| if let Happening::Log { lines, .. } = it { lines.len() } else { 0 })
            .sum()
    }

    #[test]
    fn a_run_that_writes_too_much_is_cut_once() {
        let written = Written { lines: LOG_LINES - 1, bytes: 0, cut: false };
        let mut output = Output::after(written);
        for _ in 0..3 {
            output.line(Source::Script, "x");
        }
        assert_eq!(lines(&output), 1);
        assert_eq!(output.happenings().last(), Some(&Happening::LogCut));
        output.is_kept();
        output.line(Source::Script, "x");
        assert!(output.is_empty(), "nothing more, and it is not told again");
    }

    #[test]
    fn no_event_is_larger_than_a_record() {
        let mut output = Output::default();
        let wild = "\u{1}".repeat(LINE_TEXT_BYTES + 7);
        for _ in 0..5 {
            output.line(Source::Script, &wild);
        }
        assert_eq!(lines(&output), 5);
        for event in output.happenings() {
            assert!(serde_json::to_vec(&event).unwrap().len() < crate::records::MAX_BODY_BYTES);
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
    }
}
