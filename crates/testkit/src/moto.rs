//! A real server in the place of AWS: moto, on loopback, ended by its process id when it is dropped.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::real_program;

/// Python takes its time on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running moto server. Every account, region and resource in it is made up.
pub struct Moto {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Moto {
    /// Starts one on a free port and waits until it answers; `None` after having said that it is not covered.
    pub fn start() -> Option<Moto> {
        let program = real_program("moto_server")?;
        let folder = tempfile::tempdir().expect("make a temporary folder");
        let log = folder.path().join("log");
        let out = File::create(&log).expect("make a log");
        let mut child = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", "0"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .expect("moto_server starts");
        let started = Instant::now();
        loop {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let address = said
                .split("http://")
                .nth(1)
                .and_then(|rest| rest.split_once('\n'))
                .map(|(address, _)| address.trim().to_owned());
            if let Some(address) = address {
                return Some(Moto {
                    child,
                    address,
                    _folder: folder,
                });
            }
            let ended = child.try_wait().unwrap();
            let late = started.elapsed() > PATIENCE;
            if ended.is_some() || late {
                child.kill().ok();
                child.wait().ok();
                panic!("moto_server does not come up: {said}");
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the `aws` program needs to find it, and nobody else.
    pub fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.url().as_str()),
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
    }

    /// A call of a service that speaks JSON, by its full target: `DynamoDB_20120810.CreateTable`.
    pub fn json(&self, service: &str, target: &str, body: &str) -> String {
        let headers =
            format!("X-Amz-Target: {target}\r\nContent-Type: application/x-amz-json-1.1\r\n");
        self.send("POST", "/", service, &headers, body)
    }

    /// A call of a service that takes a form: `Action=CreateTopic&Name=alarms`.
    pub fn form(&self, service: &str, body: &str) -> String {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send("POST", "/", service, headers, body)
    }

    /// A call of S3, or of moto's own `/moto-api/…`.
    pub fn path(&self, method: &str, path: &str, body: &str) -> String {
        self.send(method, path, "s3", "", body)
    }

    /// The body of the answer, whose status must be a good one. Moto reads the service from the signature's scope and
    /// does not verify the signature.
    fn send(&self, method: &str, path: &str, service: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("moto listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\
             Authorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("moto reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("moto answers");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let good = head
            .split(' ')
            .nth(1)
            .is_some_and(|status| status.starts_with('2'));
        assert!(good, "{method} {path} {service}: {answer}");
        body.to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
