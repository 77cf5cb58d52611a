//! A Redis server of one test's own, for tests that stop it or change its settings.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gatelet_redis::{RedisRecords, Unfit};

/// A running server, killed when dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) port: u16,
    process: Child,
}

impl Server {
    /// Starts `redis-server` with its data in a folder, and waits until it answers.
    pub(crate) async fn start(folder: &Path, more: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(folder)
            .args(more)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is not on the PATH");
        let server = Self { url: format!("redis://127.0.0.1:{port}"), port, process };
        server.wait().await;
        server
    }

    /// Ends the process at once, as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Stops or continues the process with a signal, so that connections stay and answers do not come.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    async fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let records = RedisRecords::connect(&self.url).unwrap();
            match records.check().await {
                Ok(()) | Err(Unfit::Evicts(_)) => return,
                Err(error) => assert!(Instant::now() < deadline, "redis-server: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}
