//! The side of the mailbox that the runner reaches: it takes letters, and hands out answers. It keeps nothing itself,
//! opens no secret, and changes nothing of the run.
//!
//! A letter is one commit that holds only while the mailbox is as it was read: no letter gets in once the worker has
//! closed it, and of two invocations only one is let in. A letter whose answer was lost is posted again, and is the same letter.

use aws_lc_rs::digest::{SHA256, digest};

use super::key::AttemptKey;
use super::letter::{Letter, Said};
use super::mailbox::{Answered, Mailbox};
use super::place::{AttemptPlace, Channel, in_pieces};
use crate::automation::Runs;
use crate::automation::attempt::Answer;
use crate::automation::state::SKEW;
use crate::parts::Parts;
use crate::records::{Condition, Outcome, Record, StoreError, encode, settle};

/// How often a letter is tried again when somebody else changes the mailbox.
const TRIES: usize = 4;
/// Why a script must end whose worker does not hold the run any more.
const LOST: &str = "lease_lost";

/// Whoever has proved to know the key of an attempt.
pub struct Carrier {
    mailbox: Mailbox,
}

/// What came of a post.
#[derive(Debug)]
pub enum Posted {
    /// It is answered.
    Answered(Answer),
    /// It waits for its answer under this number.
    Kept(u32),
    /// It is not the letter that follows, or not the one that was posted under its number.
    OutOfTurn,
    /// It is no letter.
    Malformed,
}

impl Carrier {
    /// Lets in whoever knows the key of this attempt, as long as its mailbox is open. Nothing tells why somebody is not let in.
    pub async fn admit(
        parts: &Parts,
        place: AttemptPlace,
        key: &AttemptKey,
    ) -> Result<Option<Self>, StoreError> {
        let (records, around) =
            (parts.records.clone(), (parts.clock.clone(), parts.random.clone()));
        let mailbox = Mailbox::new(records, around, place, key)?;
        let channel = mailbox.channel().await?;
        let is_known = channel.is_some_and(|(channel, _)| key.is(&channel.key));
        Ok(is_known.then_some(Self { mailbox }))
    }

    /// Takes what was posted.
    pub async fn post(&self, body: &[u8]) -> Result<Posted, StoreError> {
        let Some((n, nonce, said)) = Letter::read(body) else { return Ok(Posted::Malformed) };
        let nonce = nonce.map(|nonce| hex::encode(digest(&SHA256, nonce.as_bytes())));
        let is_asking = matches!(said, Said::Message(_) | Said::Pulse);
        drop(said);
        for _ in 0..TRIES {
            let Some((mut channel, record)) = self.mailbox.channel().await? else {
                return Ok(Posted::Answered(stop(LOST)));
            };
            // How a stopped script ends is still heard, but not by a worker that has lost it.
            match self.why_stop(&channel).await? {
                Some(reason) if is_asking || reason == LOST => {
                    return Ok(Posted::Answered(stop(reason)));
                }
                _ => {}
            }
            if n == 0 {
                return Ok(Posted::Answered(Answer::Go));
            }
            if let Some(nonce) = &nonce {
                match &channel.nonce {
                    Some(known) if known != nonce => {
                        return Ok(Posted::Answered(stop("attempt_taken")));
                    }
                    _ => channel.nonce = Some(nonce.clone()),
                }
            }
            if let Some(posted) = self.put((n, body), channel, record).await? {
                return Ok(posted);
            }
        }
        Err(StoreError::Contended { what: "an attempt's mailbox" })
    }

    /// The answer to a letter, once the worker has given it. One after which an effect may begin is handed out only
    /// while the attempt still counts.
    pub async fn answer(&self, n: u32) -> Result<Option<Answer>, StoreError> {
        match self.mailbox.answer(n).await? {
            None => Ok(None),
            Some((Answered { answer, .. }, _)) => Ok(Some(self.handed_out(answer).await?)),
        }
    }

    async fn handed_out(&self, answer: Answer) -> Result<Answer, StoreError> {
        if !matches!(answer, Answer::Go | Answer::Begin { .. }) {
            return Ok(answer);
        }
        let Some((channel, _)) = self.mailbox.channel().await? else {
            return Ok(stop(LOST));
        };
        Ok(self.why_stop(&channel).await?.map_or(answer, stop))
    }

    /// Why the script must end, if it must: its worker has lost the run, or says so.
    async fn why_stop(&self, channel: &Channel) -> Result<Option<String>, StoreError> {
        let AttemptPlace { tenant, run, fence } = &self.mailbox.place;
        let now = self.mailbox.now();
        let runs = Runs::new(&*self.mailbox.records, &*self.mailbox.random);
        let is_held = runs.find(tenant, run, now).await?.is_some_and(|run| {
            let lasts = run.lease_until.is_some_and(|until| now + SKEW < until);
            run.fence == *fence && run.state.is_held() && lasts
        });
        Ok(if is_held { channel.stop.clone() } else { Some(LOST.to_owned()) })
    }

    /// Puts a letter where it is the next, or finds it where it was put before. `None` if somebody changed the mailbox
    /// meanwhile.
    async fn put(
        &self,
        (n, body): (u32, &[u8]),
        channel: Channel,
        record: Record,
    ) -> Result<Option<Posted>, StoreError> {
        let Mailbox { place, seals, .. } = &self.mailbox;
        let tag = seals.tag(body);
        // Letter before answer: the commit that removes the one puts the other.
        if let Some(waiting) = self.mailbox.letter(n).await? {
            return Ok(Some(same(waiting.tag == tag, Posted::Kept(n))));
        }
        if let Some((Answered { tag: known, answer }, _)) = self.mailbox.answer(n).await? {
            let answer = Posted::Answered(self.handed_out(answer).await?);
            return Ok(Some(same(known == tag, answer)));
        }
        let mut commit = self.mailbox.commit()?;
        let sealed = seals.seal(place.letter(n)?.as_str(), body, &*self.mailbox.random);
        let sealed = sealed.map_err(|error| StoreError::unreadable("letter", error))?;
        let until = record.expires_at;
        for (at, piece) in in_pieces(&tag, &sealed).into_iter().enumerate() {
            commit = commit.put(place.piece(n, at)?, Condition::Absent, piece, until)?;
        }
        let key = place.channel()?;
        commit = if n == 1 {
            let body = encode("attempt channel", &channel)?;
            commit.put(key, Condition::Version(record.version), body, until)?
        } else {
            let Some((_, before)) = self.mailbox.answer(n - 1).await? else {
                return Ok(Some(Posted::OutOfTurn));
            };
            let commit = commit.expect(key, record.version)?;
            commit.expect(place.answer(n - 1)?, before)?
        };
        match settle(&*self.mailbox.records, &commit, self.mailbox.now()).await? {
            Outcome::Committed => Ok(Some(Posted::Kept(n))),
            Outcome::Conflict => Ok(None),
        }
    }
}

fn same(is_same: bool, posted: Posted) -> Posted {
    if is_same { posted } else { Posted::OutOfTurn }
}

fn stop(reason: impl Into<String>) -> Answer {
    Answer::Stop { reason: reason.into() }
}
