//! A port whose connections belong to one space of a server, for programs that can name neither a space nor a
//! host of their own choice.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What a client of a proxy begins with.
const CONNECT: &[u8] = b"CONNECT ";
/// Bytes of a head at most.
const MAX_HEAD: usize = 16 << 10;

/// Opens the port; it is served until the runtime ends. `server` is `HOST:PORT`.
pub(super) async fn open(server: String, space: String) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, space) = (server.clone(), space.clone());
            tokio::spawn(async move {
                if let Err(error) = relay(client, &server, &space).await {
                    tracing::debug!(%error, "a relayed connection ended");
                }
            });
        }
    });
    Ok(address)
}

async fn relay(mut client: TcpStream, server: &str, space: &str) -> io::Result<()> {
    let mut upstream = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    upstream.set_nodelay(true)?;
    let mut begun = Vec::new();
    while begun.len() < CONNECT.len() && CONNECT.starts_with(&begun) {
        if read(&mut client, &mut begun).await? == 0 {
            break;
        }
    }
    if begun.starts_with(CONNECT) {
        // The tunnel is asked for with the name of the space.
        while !begun.contains(&b'\n') {
            more(&mut client, &mut begun).await?;
        }
        let line = begun.iter().position(|byte| *byte == b'\n').map_or(begun.len(), |at| at + 1);
        upstream.write_all(&begun[..line]).await?;
        upstream.write_all(format!("X-Mock-Space: {space}\r\n").as_bytes()).await?;
        upstream.write_all(&begun[line..]).await?;
    } else {
        tunnel(&mut upstream, space).await?;
        upstream.write_all(&begun).await?;
    }
    copy_bidirectional(&mut client, &mut upstream).await.map(drop)
}

/// Whatever comes on the stream afterwards belongs to the space.
async fn tunnel(upstream: &mut TcpStream, space: &str) -> io::Result<()> {
    let host = format!("{space}.localhost");
    let head = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}\r\nX-Mock-Space: {space}\r\n\r\n");
    upstream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(upstream.read_u8().await?);
        if answer.len() > MAX_HEAD {
            return Err(io::Error::other("the answer to CONNECT has no end"));
        }
    }
    let opened = answer.splitn(3, |byte| *byte == b' ').nth(1).is_some_and(|status| status == b"200");
    if opened { Ok(()) } else { Err(io::Error::other("the server opens no tunnel")) }
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<()> {
    if bytes.len() > MAX_HEAD || read(stream, bytes).await? == 0 {
        return Err(io::Error::other("the request has no end"));
    }
    Ok(())
}

async fn read(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer).await?;
    bytes.extend_from_slice(&buffer[..length]);
    Ok(length)
}
