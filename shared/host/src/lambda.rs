//! The door on AWS Lambda: HTTP through an HTTP API, messages from SQS, ticks from EventBridge.

mod parts;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use gatelet_core::parts::Parts;
use gatelet_edge::work::{OnMessage, OnTick, Verdict, receive};
use gatelet_edge::{Gate, Origin, Routes, front};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use crate::error::Error;
use crate::otlp::{Export, Exporter};
use crate::runtime::block_on;
use crate::settings::Reader;
use crate::telemetry::{self, Format};
use crate::uses::Use;

/// Serves routes behind an HTTP API with the payload format 2.0 and the `$default` stage.
pub fn serve_http(routes: Routes, uses: &[Use]) -> Result<(), Error> {
    serve(uses, async |parts, export| {
        let service = front(routes, Gate::new(parts), Origin::Host);
        lambda_http::run(export.around(service)).await
    })
}

/// Works on messages. The event source mapping must report failures for each message
/// (`ReportBatchItemFailures`): one that must wait then does not hold the others back.
pub fn serve_queue(on_message: OnMessage, uses: &[Use]) -> Result<(), Error> {
    serve(uses, async |parts, export| {
        let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
            let mut answer = SqsBatchResponse::default();
            for record in event.payload.records {
                let text = record.body.unwrap_or_default();
                if receive(&parts, &text, on_message).await == Verdict::Retry {
                    answer.add_failure(record.message_id.unwrap_or_default());
                }
            }
            export.flush().await;
            Ok::<_, lambda_runtime::Error>(answer)
        });
        lambda_runtime::run(handler).await
    })
}

/// Does what a minute brings, whatever the schedule's event says.
pub fn serve_timer(on_tick: OnTick, uses: &[Use]) -> Result<(), Error> {
    serve(uses, async |parts, export| {
        let handler = service_fn(async |_: LambdaEvent<Value>| {
            let done = on_tick(&parts).await;
            export.flush().await;
            done?;
            Ok::<_, lambda_runtime::Error>(Value::Null)
        });
        lambda_runtime::run(handler).await
    })
}

fn serve(
    uses: &[Use],
    run: impl AsyncFnOnce(Arc<Parts>, Arc<Export>) -> Result<(), lambda_runtime::Error>,
) -> Result<(), Error> {
    let mut reader = Reader::environment();
    let level = telemetry::level(&mut reader);
    let exporter = Exporter::read(&mut reader);
    let built = parts::read(&mut reader, uses);
    reader.finish()?;
    telemetry::start(level, Format::Json);
    let (parts, records) =
        built.ok_or_else(|| Error::start("build the parts", "a setting is missing"))?;
    block_on(async {
        records.check().await?;
        let parts = Arc::new(parts);
        let export = Export::start(exporter, &parts);
        run(parts, export).await.map_err(|error| Error::start("serve", error))
    })
}
