//! The case of answer headers' names as in production: some clients look names up by case.
//!
//! hyper writes the spelling that it finds in a response's extensions, but offers no way to make
//! that extension; it is taken from a response that hyper itself has read.

use http::Extensions;
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NAMES: &[&str] = &[
    "X-SODA2-Fields",
    "X-SODA2-Types",
    "X-SODA2-Warning",
    "X-SODA2-Data-Out-Of-Date",
    "X-SODA2-Truth-Last-Modified",
    "X-SODA2-Secondary-Last-Modified",
    "X-SODA2-Truth-Version",
    "X-SODA2-Truth-Shape-Version",
    "X-SODA2-Legacy-Types",
    "X-Socrata-RequestId",
    "ETag",
    "WWW-Authenticate",
];

/// The extensions of a response whose headers are spelled as production does. Empty when hyper
/// cannot be made to tell them: then names are in title case.
pub async fn extensions() -> Extensions {
    read().await.unwrap_or_default()
}

async fn read() -> Option<Extensions> {
    let (client, mut server) = tokio::io::duplex(4096);
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.preserve_header_case(true);
    let (mut sender, connection) = builder.handshake(TokioIo::new(client)).await.ok()?;
    let request = http::Request::get("/").body(Empty::<bytes::Bytes>::new()).ok()?;
    let mut text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".to_owned();
    for name in NAMES {
        text.push_str(&format!("{name}: x\r\n"));
    }
    text.push_str("\r\n");
    let answer = async {
        let mut buffer = [0; 1024];
        // One read is enough: the duplex holds the whole head.
        let _length = server.read(&mut buffer).await.ok()?;
        server.write_all(text.as_bytes()).await.ok()?;
        Some(server)
    };
    let exchange = async { tokio::join!(sender.send_request(request), answer) };
    let response = tokio::select! {
        (response, _server) = exchange => response.ok()?,
        _ = connection => return None,
    };
    Some(response.into_parts().0.extensions)
}
