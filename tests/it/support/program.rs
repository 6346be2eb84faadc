//! The program itself, as a process.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The binary with these arguments, in a folder where no configuration lies.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soda-mock"));
    command.args(arguments).current_dir(folder).env_remove("SODA_MOCK_URL").stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
pub fn output(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// The pieces of a chunked body together; none when its end is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        rest = &rest[line + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}

/// A running `serve`; killed when it is dropped.
pub struct Server {
    pub child: Child,
    pub port: u16,
    pub ready: Value,
}

impl Server {
    /// Starts `serve --port 0` with more arguments and waits for its ready line.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut all = vec!["serve", "--port", "0", "--ca-dir", "memory"];
        all.extend(arguments);
        Self::spawn(command(folder, &all))
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        let port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
        Self { child, port, ready }
    }

    /// The status and body of one request on a connection of its own; none when it broke off.
    pub fn try_call(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let login = super::PUBLISHER;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {login}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let at = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..at]).to_ascii_lowercase();
        let body = &bytes[at + 4..];
        let body = if head.contains("transfer-encoding: chunked") { unchunked(body)? } else { body.to_vec() };
        Some((head.get(9..12)?.parse().ok()?, String::from_utf8(body).ok()?))
    }

    pub fn call(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.try_call(method, path, body).unwrap()
    }

    /// SIGKILL, and gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
