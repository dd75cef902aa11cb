//! A registry on loopback that knows one thing: what to answer when it is asked for advisories.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Answers every POST with this status and body; a GET is a 404.
pub(crate) struct Endpoint {
    port: u16,
    /// Paths that were posted to.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    pub(crate) fn new(status: u16, body: &str) -> Endpoint {
        Endpoint::slow(status, body, Duration::ZERO)
    }

    /// Waits before it answers a POST. The thread ends with the tests.
    pub(crate) fn slow(status: u16, body: &str, wait: Duration) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, body) = (Arc::clone(&asked), body.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, body) = (Arc::clone(&seen), body.clone());
                // A client that goes away in the middle is its own affair.
                thread::spawn(move || answer(stream.unwrap(), status, &body, wait, &seen).ok());
            }
        });
        Endpoint { port, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(
    stream: TcpStream,
    status: u16,
    body: &str,
    wait: Duration,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
    }
    if chunked {
        skip_chunks(&mut reader)?;
    } else {
        reader.read_exact(&mut vec![0; length])?;
    }
    let mut words = first.split_whitespace();
    let (status, body) = match (words.next(), words.next()) {
        (Some("POST"), Some(path)) => {
            seen.lock().unwrap().push(path.to_owned());
            thread::sleep(wait);
            (status, body)
        }
        _ => (404, "{}"),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn skip_chunks(reader: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        // The chunk, and the line end behind it.
        reader.read_exact(&mut vec![0; size + 2])?;
        if size == 0 {
            return Ok(());
        }
    }
}
