//! Lines that a script writes, none of them longer than it may be.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// Reads lines. Whoever stops waiting for one loses nothing.
pub(super) struct LineReader<R> {
    from: BufReader<R>,
    most: usize,
    line: Vec<u8>,
    /// How many bytes of the line did not fit.
    lost: u64,
}

/// A line without its end.
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// How many more it had.
    pub(super) lost: u64,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// Lines of at most so many bytes.
    pub(super) fn new(from: R, most: usize) -> Self {
        Self { from: BufReader::with_capacity(64 * 1024, from), most, line: Vec::new(), lost: 0 }
    }

    /// The next one; what comes after the last line break is one too.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let ready = self.from.fill_buf().await?;
            if ready.is_empty() {
                let is_any = !self.line.is_empty() || self.lost > 0;
                return Ok(is_any.then(|| self.take()));
            }
            let end = ready.iter().position(|byte| *byte == b'\n');
            let piece = ready.get(..end.unwrap_or(ready.len())).unwrap_or_default();
            let fits = self.most.saturating_sub(self.line.len()).min(piece.len());
            self.line.extend_from_slice(piece.get(..fits).unwrap_or_default());
            self.lost += u64::try_from(piece.len() - fits).unwrap_or(u64::MAX);
            let used = end.map_or(ready.len(), |end| end + 1);
            self.from.consume(used);
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
    }

    /// The next one if it is here as a whole.
    pub(super) async fn next_at_once(&mut self) -> io::Result<Option<Line>> {
        if self.from.buffer().contains(&b'\n') { self.next().await } else { Ok(None) }
    }

    fn take(&mut self) -> Line {
        Line { bytes: std::mem::take(&mut self.line), lost: std::mem::take(&mut self.lost) }
    }
}

impl Line {
    /// As text for people: what is no UTF-8 is replaced, and a line that was too long says so.
    pub(super) fn text(&self) -> String {
        let bytes = self.bytes.strip_suffix(b"\r").unwrap_or(&self.bytes);
        let text = String::from_utf8_lossy(bytes);
        if self.lost == 0 {
            return text.into_owned();
        }
        format!("{text} [{} more bytes]", self.lost)
    }
}
