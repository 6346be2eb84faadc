//! The front door: one port for both schemes, a certificate for each name, proxies that lead nowhere
//! else.

mod domains;
mod proxy;
mod refusals;
mod target;
mod tls;

use soda_mock::MockServer;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Nothing here takes long; a test that hangs is to fail.
const NEVER: Duration = Duration::from_secs(60);

/// Trusts the mock's CA and nothing else.
fn connector(server: &MockServer) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(server.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// A handshake in which the certificate has to be valid for the name.
async fn secured<S: AsyncRead + AsyncWrite + Unpin>(
    server: &MockServer,
    name: &str,
    stream: S,
) -> TlsStream<S> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    tokio::time::timeout(NEVER, connector(server).connect(name, stream)).await.unwrap().unwrap()
}

async fn plain(server: &MockServer) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// Sends a request and reads until the connection ends.
async fn whole<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(stream).await
}

async fn rest<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut bytes = Vec::new();
    // TLS that ends without a farewell has said all the same what it had to say.
    let _ = tokio::time::timeout(NEVER, stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The head of the next answer.
async fn head<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(stream.read_u8().await.unwrap());
        }
    };
    tokio::time::timeout(NEVER, read).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

const LIVE: &str = "GET /__mock/v1/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn one_port_speaks_http_and_https() {
    let server = MockServer::start().await.unwrap();
    assert!(whole(&mut plain(&server).await, LIVE).await.starts_with("HTTP/1.1 200"));
    let mut stream = secured(&server, "localhost", plain(&server).await).await;
    assert!(whole(&mut stream, LIVE).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

/// An answer without an end of its own is ended, properly, when the server stops.
#[tokio::test]
async fn listeners_to_events_do_not_hold_the_end_up() {
    let server = MockServer::start().await.unwrap();
    let mut stream = plain(&server).await;
    stream.write_all(b"GET /__mock/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
    let told = rest(&mut stream).await;
    assert!(told.contains("retry: 1000") && told.ends_with("\r\n0\r\n\r\n"), "{told:?}");
}

/// Nor does whoever waits for a request that will not come: the answer is that of now.
#[tokio::test]
async fn a_verify_that_waits_is_answered_at_the_end() {
    let server = MockServer::start().await.unwrap();
    let question = r#"{"match":{"operation":"upsert"},"wait_ms":600000}"#;
    let mut stream = plain(&server).await;
    let request = format!(
        "POST /__mock/v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        question.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.contains(" 100 "));
    stream.write_all(question.as_bytes()).await.unwrap();
    server.stop().await;
    let told = rest(&mut stream).await;
    assert!(told.starts_with("HTTP/1.1 409") && told.contains("verify_failed"), "{told}");
}
