//! What scripts say, in whatever form, and how they end.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatelet_core::automation::attempt::Message;
use gatelet_core::automation::{Exit, Job, Redactor};
use gatelet_core::secrets::SecretBytes;
use serde_json::json;

use crate::stage::{Listener, Stage, job};

#[tokio::test]
async fn a_message_that_is_none_is_answered_so_and_the_next_one_is_heard() {
    let script = "
answers = []
for line in (b'', b'{', b'null', b'{\"m\":\"nothing\"}', b'{\"m\":\"log\"}', b'{\"m\":\"log\",\"text\":7}', b'{\"m\":\"log\",\"text\":\"x\",\"more\":1}',
             b'\\xff\\xfe', b'[' * 100000, b'{\"m\":\"log\",\"text\":\"' + b'a' * (1 << 20) + b'\"}', b'{\"cage\":1,\"user\":0}'):
    raw(line + b'\\n')
    answers.append(hear())
log(answers)
";
    let told = Stage::new().run(script).await;
    let answers = told.first();
    assert_eq!(answers.as_array().unwrap().len(), 11);
    for answer in answers.as_array().unwrap() {
        assert_eq!(answer["a"], "wrong", "{answer}");
    }
    assert!(answers[9]["problem"].as_str().unwrap().ends_with("bytes too long"), "{}", answers[9]);
    assert_eq!(told.messages.len(), 2, "hello and the log: {:?}", told.messages.len());
}

#[tokio::test]
async fn how_a_script_ended_is_told_as_it_was() {
    for (script, exit) in [
        ("", Exit::Status(0)),
        ("raise SystemExit(7)", Exit::Status(7)),
        ("os._exit(125)", Exit::Status(125)),
        ("os.abort()", Exit::Signal(6)),
        ("os.kill(os.getpid(), 9)", Exit::Signal(9)),
        ("os.kill(os.getpid(), 15)", Exit::Signal(15)),
        ("os.close(3); os.close(4); os._exit(0)", Exit::Status(0)),
    ] {
        let told = Stage::new().run(script).await;
        assert_eq!(told.exit, exit, "{script}: {told:?}");
        assert_eq!(told.messages, [Message::Hello], "{script}");
    }
    let told = Stage::new().run("def f():\n    raise ValueError('why')\nf()").await;
    assert_eq!(told.exit, Exit::Status(1));
    assert_eq!(told.lines.first().unwrap(), "Traceback (most recent call last):");
    assert_eq!(told.lines.last().unwrap(), "ValueError: why");
}

#[tokio::test]
async fn a_start_document_of_megabytes_arrives_whole() {
    let large = "x".repeat(6 << 20);
    let job = job(
        "log([len(start['inputs']['large']), start['fence']])",
        &json!({ "large": large }),
        false,
    );
    let told = Stage::new().run_job(job, &Listener::default()).await.unwrap();
    assert_eq!(told.first(), json!([6 << 20, 1]));
}

// Proves L 60, 64.
#[tokio::test]
async fn a_secret_that_a_script_says_in_ten_ways_is_not_in_what_is_kept() {
    let secret = "wJalr/XUtn+FEMI K7\"MDENG'bPxR\\fi";
    let script = "
import base64, binascii, json, shlex, sys, urllib.parse
secret = start['inputs']['secret']
ways = [secret, json.dumps(secret), json.dumps(json.dumps(secret)), repr(secret), shlex.quote(secret), urllib.parse.quote(secret),
        urllib.parse.quote_plus(secret), base64.b64encode(secret.encode()).decode(), base64.urlsafe_b64encode(b'ab' + secret.encode()).decode(),
        secret.encode().hex(), secret.encode().hex().upper(), base64.b64encode(('k=' + secret * 4).encode()).decode()]
for way in ways:
    print('out', way)
    print('err', way, file=sys.stderr)
    log(way)
say(m='result', value={'rows': ways, 'nested': {way: way for way in ways}})
raise RuntimeError(secret)
";
    let told = Stage::new()
        .run_job(job(script, &json!({ "secret": secret }), false), &Listener::default())
        .await
        .unwrap();
    assert_eq!(told.exit, Exit::Status(1));
    let value = SecretBytes::new(secret.as_bytes().to_vec());
    let redactor = Arc::new(Redactor::new([("cloud.key".to_owned(), &value)]).unwrap());
    let kept = told.lines.iter().map(|line| redactor.redact_text(line));
    let messages = told
        .messages
        .iter()
        .map(|message| redactor.redact_json(&serde_json::to_value(message).unwrap()).to_string());
    let kept: Vec<String> = kept.chain(messages).collect();
    assert!(kept.len() > 30, "{kept:?}");
    let needles = BTreeMap::from([
        ("as it is", secret.to_owned()),
        ("its beginning", "wJalr".to_owned()),
        ("its end", "bPxR".to_owned()),
        ("hex", hex::encode(&secret[..8])),
        ("HEX", hex::encode_upper(&secret[..8])),
        // The first letters of each of the three ways in which base64 can cut it.
        ("base64", "d0phbHIv".to_owned()),
        ("shifted by one", "0phbHIvWF".to_owned()),
        ("shifted by two", "SmFsci9YV".to_owned()),
    ]);
    for (what, needle) in needles {
        for line in &kept {
            assert!(!line.contains(&needle), "{what}: {line}");
        }
    }
    assert!(kept.iter().any(|line| line.contains("[credential cloud.key removed]")));
}

// Proves L 41, 52.
#[tokio::test]
async fn inputs_are_data_and_never_a_command_line() {
    let nasty = "'; import os; os._exit(99) #\n$(id) `id` {{7*7}} ${x}";
    let base = job("log(start['inputs']['text'])", &json!({ "text": nasty }), false);
    let told = Stage::new().run_job(Job { fence: 1, ..base }, &Listener::default()).await.unwrap();
    assert_eq!((told.exit.clone(), told.first()), (Exit::Status(0), json!(nasty)), "{told:?}");
}
