//! How text is laid out on a terminal: aligned columns, at most 80 of them wide, and nothing in it that could steer
//! the terminal.

use std::fmt::Write as _;

/// Where lines end.
const WIDTH: usize = 80;
/// The narrowest last column that still reads well. A narrower one stands below instead of beside.
const NARROWEST: usize = 28;
/// A space at which no line is broken.
pub(crate) const FIRM: char = '\u{a0}';

/// What a stream can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
    pub(crate) utf8: bool,
}

/// What a word stands for, where a colour may say it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Bad,
    Good,
    Info,
}

/// One piece of text.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
    right: bool,
}

impl Cell {
    /// A word for a state.
    pub(crate) fn state(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, right: false }
    }

    /// A number, which stands at the right of its column.
    pub(crate) fn number(number: usize) -> Self {
        Self { text: number.to_string(), tone: Tone::Plain, right: true }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::state(text, Tone::Plain)
    }
}

/// A text in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page(Vec<Block>);

#[derive(Clone, Debug)]
enum Block {
    /// A paragraph that begins with a word for a state, which may be empty.
    Line(Cell, String),
    /// Rows whose columns are aligned, this far from the left.
    Table(usize, Vec<Vec<Cell>>),
    /// As it is.
    Verbatim(String),
}

impl Page {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// A paragraph.
    pub(crate) fn line(self, text: impl Into<String>) -> Self {
        self.headed(String::new(), text)
    }

    /// A paragraph that begins with a word for a state.
    pub(crate) fn headed(mut self, state: impl Into<Cell>, text: impl Into<String>) -> Self {
        self.0.push(Block::Line(state.into(), text.into()));
        self
    }

    /// Indented rows of a label and what it says.
    pub(crate) fn facts<L: Into<String>, T: Into<String>>(
        mut self,
        facts: impl IntoIterator<Item = (L, T)>,
    ) -> Self {
        let rows =
            facts.into_iter().map(|(label, text)| vec![label.into().into(), text.into().into()]);
        self.0.push(Block::Table(2, rows.collect()));
        self
    }

    /// Rows whose columns are aligned, with two spaces before them if they are indented.
    pub(crate) fn table(
        mut self,
        indent: usize,
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Self {
        self.0.push(Block::Table(indent, rows.into_iter().collect()));
        self
    }

    /// Text that is laid out already.
    pub(crate) fn verbatim(mut self, text: impl Into<String>) -> Self {
        self.0.push(Block::Verbatim(text.into()));
        self
    }

    /// The text for a stream. It ends with a line break unless it is empty.
    pub(crate) fn render(&self, style: Style) -> String {
        let mut text = String::new();
        for block in &self.0 {
            match block {
                Block::Line(state, rest) => line(&mut text, state, rest, style),
                Block::Table(indent, rows) => table(&mut text, *indent, rows, style),
                Block::Verbatim(given) => {
                    for line in given.lines() {
                        text.push_str(&harmless(line, style.utf8));
                        text.push('\n');
                    }
                }
            }
        }
        text.replace(FIRM, " ")
    }
}

fn line(text: &mut String, state: &Cell, rest: &str, style: Style) {
    let head = harmless(&state.text, style.utf8);
    let whole = if head.is_empty() { rest.to_owned() } else { format!("{head} {rest}") };
    for (index, line) in wrapped(&harmless(&whole, style.utf8), WIDTH).into_iter().enumerate() {
        let painted = match line.strip_prefix(&head).filter(|_| index == 0) {
            Some(rest) => format!("{}{rest}", paint(&head, state.tone, style)),
            None => line,
        };
        text.push_str(&painted);
        text.push('\n');
    }
}

fn table(text: &mut String, indent: usize, rows: &[Vec<Cell>], style: Style) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        // The last cell of a short row reaches over the columns that are left.
        let rows = rows.iter().filter(|row| row.len() == columns || column + 1 < row.len());
        let cells = rows.filter_map(|row| row.get(column));
        cells.map(|cell| length(&harmless(&cell.text, style.utf8))).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let Some((last, before)) = row.split_last() else { continue };
        let mut written = " ".repeat(indent);
        let mut place = indent;
        for (cell, width) in before.iter().zip(&widths) {
            written.push_str(&padded(cell, *width, style));
            written.push_str("  ");
            place += width + 2;
        }
        let last_width = widths.get(before.len()).copied().unwrap_or(0);
        if last.right {
            written.push_str(&padded(last, last_width, style));
            text.push_str(written.trim_end());
            text.push('\n');
            continue;
        }
        let said = harmless(&last.text, style.utf8);
        if place + length(&said) > WIDTH && WIDTH.saturating_sub(place) < NARROWEST {
            text.push_str(written.trim_end());
            written = format!("\n{}", " ".repeat(indent + 4));
            place = indent + 4;
        }
        let lines = wrapped(&said, WIDTH.saturating_sub(place));
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                // Writing to a string cannot fail.
                let _ = write!(written, "\n{}", " ".repeat(place));
            }
            written.push_str(&paint(line, last.tone, style));
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
}

fn padded(cell: &Cell, width: usize, style: Style) -> String {
    let said = harmless(&cell.text, style.utf8);
    let space = " ".repeat(width.saturating_sub(length(&said)));
    let painted = paint(&said, cell.tone, style);
    if cell.right { space + &painted } else { painted + &space }
}

fn paint(text: &str, tone: Tone, style: Style) -> String {
    let code = match tone {
        Tone::Bad => "31",
        Tone::Good => "32",
        Tone::Info => "34",
        Tone::Plain => return text.to_owned(),
    };
    if style.colour && !text.is_empty() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Breaks at spaces. A word that is too long, such as a path or an address, stays whole, so that it can be copied;
/// so does a command.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let command = if text.starts_with("gatelet ") { Some(0) } else { text.find(": gatelet ") };
    let (words, command) =
        text.split_at_checked(command.map_or(text.len(), |at| at + 2)).unwrap_or((text, ""));
    let text = &format!("{words}{}", command.replace(' ', &FIRM.to_string()));
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && length(&line) + 1 + length(word) > width {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Text without anything that could steer a terminal or turn the order of letters around, and without what it cannot
/// show.
pub(crate) fn harmless(text: &str, utf8: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            FIRM => shown.push(FIRM),
            '\n' => shown.push_str("\\n"),
            letter if letter.is_control() || is_invisible(letter) => {
                shown.extend(letter.escape_unicode());
            }
            letter if utf8 || letter.is_ascii() => shown.push(letter),
            '·' => shown.push('-'),
            '…' => shown.push_str("..."),
            letter => shown.extend(letter.escape_unicode()),
        }
    }
    shown
}

/// Letters without width, and those that turn the order of others around.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { colour: false, utf8: true };

    #[test]
    fn columns_are_aligned_and_the_last_one_wraps_at_the_eightieth() {
        let long = "word ".repeat(30);
        let page = Page::new().facts([("cause", long.trim()), ("next", "gatelet check")]);
        let text = page.render(PLAIN);
        assert!(text.lines().count() > 2, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().nth(1).unwrap().starts_with("         word"), "{text}");
        assert!(text.ends_with("  next   gatelet check\n"), "{text}");
    }

    #[test]
    fn numbers_stand_at_the_right_and_long_words_stay_whole() {
        let rows = [vec!["a".into(), Cell::number(7)], vec!["bcd".into(), Cell::number(1204)]];
        assert_eq!(Page::new().table(0, rows).render(PLAIN), "a       7\nbcd  1204\n");
        let address = format!("https://{}", "a".repeat(100));
        assert!(Page::new().line(format!("at {address} now")).render(PLAIN).contains(&address));
    }

    #[test]
    fn a_column_that_would_be_too_narrow_stands_below() {
        let at = "a".repeat(60);
        let text =
            Page::new().table(2, [vec![at.into(), "what is wrong with it, in words".into()]]);
        assert!(text.render(PLAIN).ends_with("a\n      what is wrong with it, in words\n"));
    }

    #[test]
    fn nothing_that_is_shown_steers_the_terminal() {
        let page = Page::new().line("a\x1b[31mb\nc\u{202e}d\u{9b}e");
        assert_eq!(page.render(PLAIN), "a\\u{1b}[31mb\\nc\\u{202e}d\\u{9b}e\n");
        let ascii = Style { utf8: false, ..PLAIN };
        assert_eq!(Page::new().line("é · …").render(ascii), "\\u{e9} - ...\n");
    }

    #[test]
    fn only_words_for_states_have_a_colour() {
        let colour = Style { colour: true, ..PLAIN };
        let page =
            Page::new().headed(Cell::state("error:", Tone::Bad), "no").facts([("cause", "x")]);
        assert_eq!(page.render(colour), "\x1b[31merror:\x1b[0m no\n  cause  x\n");
    }
}
