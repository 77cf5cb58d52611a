//! The worker's side of the mailbox: it opens it, reads what lies there, answers, and clears it away.
//!
//! An answer is one commit: it puts the answer and removes its letter and the answer before. Stopped before it, the letter is heard
//! by nobody else: the mailbox ends with its attempt.

use super::Desk;
use super::key::AttemptKey;
use super::mailbox::{Mailbox, Waiting};
use super::place::{AttemptPlace, CHANNEL, Channel, IN, OUT};
use crate::automation::attempt::Answer;
use crate::clock::Timestamp;
use crate::records::{
    Condition, MAX_WRITES, Name, Outcome, Record, StoreError, encode, list_all, settle,
};

/// An open mailbox.
pub(super) struct Host {
    pub(super) mailbox: Mailbox,
    /// From then on nothing of it exists, whatever becomes of its worker.
    until: Timestamp,
}

impl Host {
    /// Opens the mailbox of an attempt. It must not have been there before.
    pub(super) async fn open(
        desk: &Desk,
        place: AttemptPlace,
        key: &AttemptKey,
        until: Timestamp,
    ) -> Result<Self, StoreError> {
        let around = (desk.clock.clone(), desk.random.clone());
        let mailbox = Mailbox::new(desk.records.clone(), around, place, key)?;
        let channel = Channel { v: 1, key: key.digest(), nonce: None, stop: None };
        let body = encode("attempt channel", &channel)?;
        let name = mailbox.place.channel()?;
        let commit = mailbox.commit()?.put(name, Condition::Absent, body, Some(until))?;
        match settle(&*mailbox.records, &commit, mailbox.now()).await? {
            Outcome::Committed => Ok(Self { mailbox, until }),
            Outcome::Conflict => Err(StoreError::Contended { what: "an attempt's mailbox" }),
        }
    }

    /// Answers a letter.
    pub(super) async fn reply(
        &self,
        n: u32,
        letter: &Waiting,
        answer: &Answer,
    ) -> Result<(), StoreError> {
        let Mailbox { place, seals, random, .. } = &self.mailbox;
        let name = place.answer(n)?;
        let plain = encode("answer", answer)?;
        let sealed = seals.seal(name.as_str(), &plain, &**random);
        let sealed = sealed.map_err(|error| StoreError::unreadable("answer", error))?;
        let body = [&letter.tag[..], &sealed].concat();
        // Nobody else puts answers, so whatever is there is this one.
        let mut commit =
            self.mailbox.commit()?.put(name, Condition::Anything, body, Some(self.until))?;
        for piece in 0..letter.pieces {
            commit = commit.delete(place.piece(n, piece)?, None)?;
        }
        if n > 1 {
            commit = commit.delete(place.answer(n - 1)?, None)?;
        }
        let _: Outcome = settle(&*self.mailbox.records, &commit, self.mailbox.now()).await?;
        Ok(())
    }

    /// Lets every letter and pulse from here on be answered `stop`. The first reason stays.
    pub(super) async fn stop(&self, reason: &str) -> Result<(), StoreError> {
        loop {
            let Some((channel, record)) = self.mailbox.channel().await? else { return Ok(()) };
            if channel.stop.is_some() {
                return Ok(());
            }
            let channel = Channel { stop: Some(reason.to_owned()), ..channel };
            let body = encode("attempt channel", &channel)?;
            let Record { key, version, expires_at, .. } = record;
            let commit = self.mailbox.commit()?;
            let commit = commit.put(key, Condition::Version(version), body, expires_at)?;
            let outcome = settle(&*self.mailbox.records, &commit, self.mailbox.now()).await?;
            if outcome == Outcome::Committed {
                return Ok(());
            }
        }
    }

    /// Closes the mailbox and clears it away, with whatever attempts before this one have left. First the mailbox itself,
    /// so that no letter comes in behind.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        for prefix in [CHANNEL, IN, OUT] {
            let found = self.left(prefix).await?;
            for some in found.chunks(MAX_WRITES) {
                let mut commit = self.mailbox.commit()?;
                for name in some {
                    commit = commit.delete(name.clone(), None)?;
                }
                let _: Outcome =
                    settle(&*self.mailbox.records, &commit, self.mailbox.now()).await?;
            }
        }
        Ok(())
    }

    /// What lies there of this attempt and of those before it.
    async fn left(&self, prefix: &str) -> Result<Vec<Name>, StoreError> {
        let Mailbox { records, place, .. } = &self.mailbox;
        let (partition, range) = (place.partition()?, Some(Name::new(prefix)?));
        let found = list_all(&**records, &partition, range, self.mailbox.now()).await?;
        let is_ours = |name: &Name| {
            let fence = name.as_str().split(':').nth(1).and_then(|fence| fence.parse::<u32>().ok());
            fence.is_some_and(|fence| fence <= place.fence)
        };
        Ok(found.into_iter().map(|record| record.key).filter(is_ours).collect())
    }
}
