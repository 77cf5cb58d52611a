//! The evidence of runs: their chains as they are stored, one entry a line, each chain closed by a line that says where
//! it stood; and what somebody who trusts nobody can say about such a file.
//!
//! What it cannot say: whether whoever kept the file has made all of it anew, or left out a whole run. For that the
//! head must be known from elsewhere, such as the answer of `GET /api/runs/{id}`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ChainHead;
use super::chain::leaf_hash;

/// What became of checking a file of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Each chain leads to its head without a gap.
    Complete(Vec<Checked>),
    /// Something was changed, removed or put in.
    Tampered(Vec<Fault>),
    /// What is there holds together, and something is missing.
    Incomplete(Vec<Fault>),
    /// Not one line of it is evidence.
    NotEvidence,
}

/// A chain that was walked to its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The run.
    pub run: String,
    /// How many entries there are, and the hash of the last.
    pub head: ChainHead,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// A run's evidence: its entries and the line that closes them.
#[must_use]
pub fn evidence<'a>(run: &str, entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let (mut text, mut head) = (Vec::new(), ChainHead::default());
    for entry in entries {
        text.extend_from_slice(entry);
        text.push(b'\n');
        head = ChainHead { length: head.length.saturating_add(1), hash: leaf_hash(entry) };
    }
    text.extend_from_slice(closing(run, &head).as_bytes());
    text.push(b'\n');
    text
}

/// The line that closes a chain.
fn closing(run: &str, head: &ChainHead) -> String {
    let ChainHead { length, hash } = head;
    serde_json::json!({ "v": 1, "closes": run, "entries": length, "head": hash }).to_string()
}

/// A chain under way.
struct Open {
    resource: String,
    tenant: String,
    head: ChainHead,
}

/// Checks a file of evidence, from its first line to its last.
#[must_use]
pub fn verify(file: &[u8]) -> Verdict {
    let (mut open, mut checked, mut seen) = (None::<Open>, Vec::new(), BTreeSet::new());
    let (mut wrong, mut missing, mut known) = (Vec::new(), Vec::new(), 0_usize);
    let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    // A file ends with a line break: what stands behind the last one is no line.
    let (last, lines) = lines.split_last().map_or((&[][..], &[][..]), |(last, rest)| (*last, rest));
    if !last.is_empty() {
        missing.push(Fault { line: lines.len() + 1, problem: "the file ends within a line" });
    }
    for (line, bytes) in (1..).zip(lines.iter().copied()) {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let mut fault = |problem| wrong.push(Fault { line, problem });
        if let Some(run) = value.get("closes").and_then(Value::as_str) {
            known += 1;
            match open.take() {
                Some(chain)
                    if bytes == closing(run, &chain.head).as_bytes()
                        && chain.resource == format!("run:{run}") =>
                {
                    if !seen.insert(run.to_owned()) {
                        fault("this run stands here twice");
                    }
                    checked.push(Checked { run: run.to_owned(), head: chain.head });
                }
                Some(_) => fault("the entries before it do not lead to this head"),
                None => fault("it closes a chain of which nothing is here"),
            }
            continue;
        }
        let Some(entry) = Entry::of(&value) else {
            fault("this is no entry of a chain");
            continue;
        };
        known += 1;
        if entry.seq == 0 && open.is_some() {
            missing.push(Fault { line, problem: "the chain before it is not closed" });
            open = None;
        }
        let chain = open.get_or_insert_with(|| Open {
            resource: entry.resource.to_owned(),
            tenant: entry.tenant.to_owned(),
            head: ChainHead::default(),
        });
        if entry.resource != chain.resource || entry.tenant != chain.tenant {
            fault("it belongs to another run than the entry before it");
        } else if entry.seq != u64::from(chain.head.length) || entry.prev != chain.head.hash {
            fault("it does not continue the entry before it");
        }
        let length = u32::try_from(entry.seq).unwrap_or(u32::MAX).saturating_add(1);
        chain.head = ChainHead { length, hash: leaf_hash(bytes) };
    }
    if open.is_some() {
        missing.push(Fault { line: lines.len(), problem: "the last chain is not closed" });
    }
    judge(known, checked, wrong, missing)
}

fn judge(
    known: usize,
    checked: Vec<Checked>,
    wrong: Vec<Fault>,
    mut missing: Vec<Fault>,
) -> Verdict {
    if known == 0 && !wrong.is_empty() {
        return Verdict::NotEvidence;
    }
    if !wrong.is_empty() {
        return Verdict::Tampered(wrong);
    }
    if checked.is_empty() && missing.iter().all(|fault| fault.line <= 1) {
        missing = vec![Fault { line: 1, problem: "there is nothing in the file" }];
    }
    if missing.is_empty() { Verdict::Complete(checked) } else { Verdict::Incomplete(missing) }
}

/// What the links of an entry are made of.
struct Entry<'a> {
    seq: u64,
    prev: &'a str,
    resource: &'a str,
    tenant: &'a str,
}

impl<'a> Entry<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        Some(Self {
            seq: value.get("seq")?.as_u64()?,
            prev: text("prev")?,
            resource: text("resource")?,
            tenant: text("tenant")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Actor, Entry as Written};
    use crate::clock::Timestamp;
    use crate::tenant::TenantId;

    fn file(runs: &[&str], entries: usize) -> Vec<u8> {
        let mut file = Vec::new();
        for run in runs {
            let (mut head, mut stored) = (ChainHead::default(), Vec::new());
            for index in 0..entries {
                let entry = Written {
                    tenant: TenantId::new("acme").unwrap(),
                    actor: Actor::System("test"),
                    action: "run.note",
                    resource: format!("run:{run}"),
                    outcome: format!("ok-{index}"),
                };
                let (linked, next) = head.link(&entry, Timestamp::from_secs(1));
                stored.push(linked.bytes);
                head = next;
            }
            file.extend(evidence(run, stored.iter().map(Vec::as_slice)));
        }
        file
    }

    fn is_sound(file: &[u8]) -> bool {
        matches!(verify(file), Verdict::Complete(_))
    }

    #[test]
    fn whole_evidence_is_complete_and_names_its_heads() {
        let Verdict::Complete(checked) = verify(&file(&["a", "b"], 4)) else { panic!() };
        assert_eq!(checked.iter().map(|one| one.run.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(checked.iter().all(|one| one.head.length == 4 && one.head.hash.len() == 64));
        assert!(matches!(verify(b""), Verdict::Incomplete(_)), "never complete on nothing");
        assert!(matches!(verify(b"\n\n"), Verdict::NotEvidence | Verdict::Tampered(_)));
        assert_eq!(verify(b"{\"hello\":1}\n"), Verdict::NotEvidence);
    }

    // Proves L 56.
    #[test]
    fn no_record_can_be_flipped_deleted_doubled_moved_or_cut_unseen() {
        let whole = file(&["a", "b"], 4);
        assert!(is_sound(&whole));
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            let verdict = verify(&flipped);
            let seen = matches!(verdict, Verdict::Tampered(_) | Verdict::Incomplete(_));
            assert!(seen, "byte {at}: {verdict:?}");
            let verdict = verify(&whole[..at]);
            let is_border = at == whole.len() / 2;
            let seen = matches!(verdict, Verdict::Tampered(_) | Verdict::Incomplete(_));
            assert!(seen || is_border, "cut at {at}: {verdict:?}");
        }
        let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        for at in 0..lines.len() {
            let (mut gone, mut doubled) = (lines.clone(), lines.clone());
            gone.remove(at);
            doubled.insert(at, lines[at]);
            assert!(!is_sound(&gone.concat()), "without line {at}");
            assert!(!is_sound(&doubled.concat()), "with line {at} twice");
            for other in at + 1..lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(at, other);
                assert!(!is_sound(&swapped.concat()), "lines {at} and {other} swapped");
            }
        }
        let twice = [whole.as_slice(), whole.as_slice()].concat();
        assert!(!is_sound(&twice), "a run stands once");
    }
}
