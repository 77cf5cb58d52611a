//! The ways of people to a run and to what it leaves.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::visitor::{Answer, Ask};

impl Gateway {
    /// Uploads a file. Gives its id.
    pub async fn upload(&self, cookie: &str) -> String {
        let answer = self.send(&Self::uploading(cookie)).await;
        answer.text("id").unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// The request that uploads a file.
    #[must_use]
    pub fn uploading(cookie: &str) -> Ask {
        let mut ask = Ask::bare("POST", "/api/uploads").from_our_page().cookie(cookie);
        ask.body = b"name\nada\n".to_vec();
        ask.header("content-type", "text/csv").header("x-gatelet-file", "a.csv")
    }

    /// The request that starts `review` with an upload.
    #[must_use]
    pub fn starting(cookie: &str, upload: &str, key: &str) -> Ask {
        let body = json!({ "inputs": { "file": upload } });
        Self::asking(cookie, "/api/automations/review/runs", &body)
            .header("idempotency-key", format!("\"{key}\""))
    }

    /// The request that sends JSON from our own page.
    #[must_use]
    pub fn asking(cookie: &str, path: &str, body: &Value) -> Ask {
        Ask::json("POST", path, body).cookie(cookie)
    }

    /// Starts a run. Gives its id.
    pub async fn start(&self, cookie: &str, key: &str) -> String {
        let upload = self.upload(cookie).await;
        let answer = self.send(&Self::starting(cookie, &upload, key)).await;
        answer.text("id").unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// Asks for something of a run.
    pub async fn of_run(&self, cookie: &str, id: &str, rest: &str) -> Answer {
        self.send(&Ask::page(format!("/api/runs/{id}{rest}")).cookie(cookie)).await
    }
}
