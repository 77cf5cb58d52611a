//! The export of traces, from a real process to a real receiver.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use gatelet::Desk;
use rustix::process::Signal;
use serde_json::Value;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLICK: &str = "b7ad6b7169203331";

/// Takes one request as a collector does. Gives its first line and its body.
fn take_one(listener: &TcpListener) -> (String, Value) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(&stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(given) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = given.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    (&stream).write_all(answer.as_bytes()).unwrap();
    (first, serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_collector_is_sent_the_spans_of_what_was_asked_also_at_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/otlp", listener.local_addr().unwrap());
    let collector = thread::spawn(move || take_one(&listener));
    let desk = Desk::new();
    let server = desk.dev_in(&[("GATELET_OTLP_URL", &address)], &[]);
    let mut asks = TcpStream::connect(("127.0.0.1", server.port.parse().unwrap())).unwrap();
    let request = format!(
        "GET /auth/session HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\
         traceparent: 00-{TRACE}-{CLICK}-01\r\n\r\n",
        server.port
    );
    asks.write_all(request.as_bytes()).unwrap();
    asks.read_to_string(&mut String::new()).unwrap();
    server.signal(Signal::TERM);
    assert_eq!(server.ended().code, 0);
    let (first, told) = collector.join().unwrap();
    assert_eq!(first.trim(), "POST /otlp/v1/traces HTTP/1.1");
    let at = |pointer: &str| told.pointer(pointer).cloned().unwrap_or_default();
    let span = "/resourceSpans/0/scopeSpans/0/spans/0";
    for (member, expected) in [
        ("name", "GET /auth/session"),
        ("traceId", TRACE),
        ("parentSpanId", CLICK),
        ("attributes/1/value/intValue", "401"),
    ] {
        assert_eq!(at(&format!("{span}/{member}")), expected, "{member}: {told}");
    }
    let moment = |member| at(&format!("{span}/{member}")).as_str().unwrap().parse::<u64>().unwrap();
    assert!(moment("startTimeUnixNano") <= moment("endTimeUnixNano"));
    assert_eq!(at("/resourceSpans/0/resource/attributes/0/value/stringValue"), "gatelet");
}

#[test]
fn a_collector_elsewhere_is_spoken_to_with_tls_or_not_at_all() {
    let desk = Desk::new();
    for address in
        ["http://collector.example", "https://me:secret@collector.example", "ftp://localhost"]
    {
        let said = desk.run_in(&[("GATELET_OTLP_URL", address)], &["check"]);
        assert!(said.code == 1 && said.err.contains("GATELET_OTLP_URL"), "{said:?}");
        assert!(!said.err.contains("secret"), "{said:?}");
    }
}
