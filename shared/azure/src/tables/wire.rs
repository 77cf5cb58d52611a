//! Sends requests to the table service (REST, `OData` JSON) and reads what became of them.

use azure_core::http::headers::ETAG;
use azure_core::http::{Context, Url};
use azure_core::http::{Method, Pipeline, PipelineSendOptions, RawResponse, Request, StatusCode};
use gatelet_core::outage::{Effect, Outage};
use gatelet_core::records::{Commit, Name, Partition};

use super::address::Addresses;
use super::batch;
use super::change::Change;
use super::entity::Entity;
use crate::access::Access;
use crate::failure::{self, Refusal};

/// The first version of the protocol that takes tokens of Entra ID.
const VERSION: &str = "2020-12-06";

/// What the service did with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is durable.
    Done,
    /// Somebody else has changed the entity meanwhile, and nothing was written.
    Overtaken,
}

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) addresses: Addresses,
    reader: Pipeline,
    writer: Pipeline,
}

impl Wire {
    pub(super) fn new(access: &Access, service: Url, prefix: &str) -> Self {
        Self {
            addresses: Addresses::new(service, prefix),
            reader: access.storage_pipeline(access.reading()),
            writer: access.storage_pipeline(access.writing()),
        }
    }

    /// Reads; any answer but success is an outage.
    pub(super) async fn read(
        &self,
        address: Url,
        metadata: &str,
        doing: &'static str,
    ) -> Result<RawResponse, Outage> {
        let request = request(Method::Get, address, metadata);
        let answer = send(&self.reader, request).await.map_err(failure::read(doing))?;
        if answer.status().is_success() { Ok(answer) } else { Err(refused(&answer, doing)) }
    }

    /// Reads one entity and its tag.
    pub(super) async fn point(
        &self,
        partition: &Partition,
        key: &Name,
        query: &str,
        doing: &'static str,
    ) -> Result<Option<(Entity, String)>, Outage> {
        let mut address = self.addresses.entity(partition, key);
        address.set_query(Some(query).filter(|query| !query.is_empty()));
        let request = request(Method::Get, address, "nometadata");
        let answer = send(&self.reader, request).await.map_err(failure::read(doing))?;
        if answer.status() == StatusCode::NotFound && !table_is_missing(&answer) {
            return Ok(None);
        }
        if !answer.status().is_success() {
            return Err(refused(&answer, doing));
        }
        let tag = answer.headers().get_str(&ETAG).map_err(failure::read(doing))?.to_owned();
        let entity = answer.body().json().map_err(failure::read(doing))?;
        Ok(Some((entity, tag)))
    }

    /// Carries out one change.
    pub(super) async fn submit_one(
        &self,
        partition: &Partition,
        change: &Change<'_>,
        doing: &'static str,
    ) -> Result<Fate, Outage> {
        let (method, key, tag, entity) = change.request();
        let address = match key {
            Some(key) => self.addresses.entity(partition, key),
            None => self.addresses.table(partition.table()),
        };
        let mut request = request(method, address, "nometadata");
        request.insert_header("prefer", "return-no-content");
        if let Some(tag) = tag {
            request.insert_header("if-match", tag.to_owned());
        }
        if let Some(entity) = entity {
            request.insert_header("content-type", "application/json");
            request.set_body(entity.to_string());
        }
        let answer = send(&self.writer, request).await.map_err(failure::write(doing))?;
        fate(&answer, answer.status(), doing)
    }

    /// Carries out all changes of a commit, or none.
    pub(super) async fn submit_all(
        &self,
        commit: &Commit,
        changes: &[Change<'_>],
    ) -> Result<Fate, Outage> {
        const DOING: &str = "commit";
        let batch = batch::compose(&self.addresses, commit, changes);
        let mut request = request(Method::Post, self.addresses.batch(), "nometadata");
        request.insert_header("content-type", batch.content_type);
        request.set_body(batch.body);
        let answer = send(&self.writer, request).await.map_err(failure::write(DOING))?;
        if !answer.status().is_success() {
            return fate(&answer, answer.status(), DOING);
        }
        let statuses = batch::statuses(&text(&answer));
        let is_success = |status: &u16| (200..300).contains(status);
        match statuses.iter().find(|status| !is_success(status)) {
            Some(status) => fate(&answer, StatusCode::from(*status), DOING),
            None if statuses.len() == changes.len() => Ok(Fate::Done),
            None => Err(Outage::uncertain(DOING, "an answer that does not tell every outcome")),
        }
    }
}

fn request(method: Method, address: Url, metadata: &str) -> Request {
    let mut request = Request::new(address, method);
    request.insert_header("x-ms-version", VERSION);
    request.insert_header("dataserviceversion", "3.0;");
    request.insert_header("maxdataserviceversion", "3.0;NetFx");
    request.insert_header("accept", format!("application/json;odata={metadata}"));
    request
}

async fn send(pipeline: &Pipeline, mut request: Request) -> azure_core::Result<RawResponse> {
    let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
    pipeline.send(&Context::new(), &mut request, Some(options)).await
}

/// What an answer to a change means, of which `status` is the part that counts.
fn fate(answer: &RawResponse, status: StatusCode, doing: &'static str) -> Result<Fate, Outage> {
    let code = batch::code(&text(answer)).unwrap_or_default();
    match (u16::from(status), code.as_str()) {
        (200..300, _) => Ok(Fate::Done),
        (412, _) | (409, "EntityAlreadyExists") => Ok(Fate::Overtaken),
        (404, code) if code != "TableNotFound" => Ok(Fate::Overtaken),
        (number, _) => {
            let effect = failure::effect_of_status(status);
            Err(Outage { doing, effect, cause: Refusal { status: number, code }.into() })
        }
    }
}

/// Whether it is the table that is missing, and not the entity.
fn table_is_missing(answer: &RawResponse) -> bool {
    batch::code(&text(answer)).as_deref() == Some("TableNotFound")
}

fn refused(answer: &RawResponse, doing: &'static str) -> Outage {
    let code = batch::code(&text(answer)).unwrap_or_default();
    let cause = Refusal { status: u16::from(answer.status()), code };
    Outage { doing, effect: Effect::Nothing, cause: cause.into() }
}

fn text(answer: &RawResponse) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(answer.body())
}
