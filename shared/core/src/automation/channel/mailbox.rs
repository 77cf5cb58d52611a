//! An attempt's mailbox, as both of its sides see it.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::key::{AttemptKey, Seals, TAG_BYTES};
use super::place::{AttemptPlace, Channel, first_of, put_together};
use crate::automation::attempt::Answer;
use crate::clock::{Clock, Timestamp};
use crate::random::Random;
use crate::records::{Commit, Name, Record, Records, StoreError, Version, decode, list_all};

/// A mailbox and the key to it.
pub(super) struct Mailbox {
    pub(super) records: Arc<dyn Records>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) place: AttemptPlace,
    pub(super) seals: Seals,
}

/// A letter that waits to be heard.
pub(super) struct Waiting {
    pub(super) tag: [u8; TAG_BYTES],
    pub(super) pieces: usize,
    sealed: Vec<u8>,
}

/// An answer that waits to be fetched, and which letter it is about.
pub(super) struct Answered {
    pub(super) tag: [u8; TAG_BYTES],
    pub(super) answer: Answer,
}

impl Mailbox {
    pub(super) fn new(
        records: Arc<dyn Records>,
        (clock, random): (Arc<dyn Clock>, Arc<dyn Random>),
        place: AttemptPlace,
        key: &AttemptKey,
    ) -> Result<Self, StoreError> {
        let seals = key.seals(&place).map_err(|error| StoreError::unreadable("key", error))?;
        Ok(Self { records, clock, random, place, seals })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn commit(&self) -> Result<Commit, StoreError> {
        Ok(Commit::new(self.place.partition()?, &*self.random))
    }

    pub(super) async fn channel(&self) -> Result<Option<(Channel, Record)>, StoreError> {
        let found = self.get(&self.place.channel()?).await?;
        found.map(|record| Ok((decode("attempt channel", &record)?, record))).transpose()
    }

    /// The letter of this number, once all of its pieces are seen. A store may show those of one commit one by one.
    pub(super) async fn letter(&self, n: u32) -> Result<Option<Waiting>, StoreError> {
        let Some(first) = self.get(&self.place.piece(n, 0)?).await? else { return Ok(None) };
        let (tag, pieces) = first_of(&first.body).ok_or_else(|| damaged("letter"))?;
        let all = if pieces == 1 {
            vec![first]
        } else {
            let prefix = Some(self.place.letter(n)?);
            list_all(&*self.records, &self.place.partition()?, prefix, self.now()).await?
        };
        if all.len() < pieces {
            return Ok(None);
        }
        let whole = put_together(all.iter().map(|record| record.body.as_slice()));
        let sealed = whole.get(TAG_BYTES..).unwrap_or_default().to_vec();
        Ok(Some(Waiting { tag, pieces, sealed }))
    }

    /// What a letter says.
    pub(super) fn open(&self, n: u32, letter: &Waiting) -> Option<Zeroizing<Vec<u8>>> {
        self.seals.open(self.place.letter(n).ok()?.as_str(), &letter.sealed)
    }

    /// The answer to the letter of this number, and the version of its record.
    pub(super) async fn answer(&self, n: u32) -> Result<Option<(Answered, Version)>, StoreError> {
        let name = self.place.answer(n)?;
        let Some(record) = self.get(&name).await? else { return Ok(None) };
        let (tag, sealed) = record.body.split_first_chunk().ok_or_else(|| damaged("answer"))?;
        let plain = self.seals.open(name.as_str(), sealed).ok_or_else(|| damaged("answer"))?;
        let answer = serde_json::from_slice(&plain);
        let answer = answer.map_err(|error| StoreError::unreadable("answer", error))?;
        Ok(Some((Answered { tag: *tag, answer }, record.version)))
    }

    async fn get(&self, name: &Name) -> Result<Option<Record>, StoreError> {
        Ok(self.records.get(&self.place.partition()?, name, self.now()).await?)
    }
}

fn damaged(what: &'static str) -> StoreError {
    StoreError::unreadable(what, "it was not sealed for this place, or was changed")
}
