//! SOCKS 5 (RFC 1928), the other protocol of proxies. It adds no answer of HTTP, as `CONNECT` does: libcurl puts
//! that one in front of the headers of a program that asks for them (`CURLOPT_HEADER`).

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The first byte of everything that a client sends before its tunnel is open.
pub const VERSION: u8 = 5;
/// The only command that is carried out.
const CONNECT: u8 = 1;
/// The only way to log in: none.
const NO_LOGIN: u8 = 0;
/// The answer to a client that offers no way to log in which is taken.
const NO_METHOD: u8 = 0xff;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// The answer to what a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The tunnel is open.
    Open = 0,
    /// The host is none that this server stands in for.
    NotAllowed = 2,
    /// The host itself is not reached.
    Unreachable = 4,
    /// Another command than to connect.
    NoSuchCommand = 7,
    /// An address of an unknown kind.
    NoSuchAddress = 8,
}

/// Reads where a client wants to connect to. Whatever else it wants is answered, and an error.
pub async fn asked<S>(io: &mut S) -> io::Result<(String, u16)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    version(io).await?;
    let mut methods = vec![0; usize::from(io.read_u8().await?)];
    io.read_exact(&mut methods).await?;
    let method = if methods.contains(&NO_LOGIN) { NO_LOGIN } else { NO_METHOD };
    io.write_all(&[VERSION, method]).await?;
    io.flush().await?;
    if method == NO_METHOD {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "SOCKS with a login"));
    }
    version(io).await?;
    let command = io.read_u8().await?;
    io.read_u8().await?;
    let host = match io.read_u8().await? {
        IPV4 => Some(std::net::Ipv4Addr::from_bits(io.read_u32().await?).to_string()),
        IPV6 => Some(std::net::Ipv6Addr::from_bits(io.read_u128().await?).to_string()),
        NAME => {
            let mut name = vec![0; usize::from(io.read_u8().await?)];
            io.read_exact(&mut name).await?;
            String::from_utf8(name).ok()
        }
        _ => None,
    };
    let Some(host) = host else { return refuse(io, Reply::NoSuchAddress).await };
    let port = io.read_u16().await?;
    if command == CONNECT { Ok((host, port)) } else { refuse(io, Reply::NoSuchCommand).await }
}

async fn version(io: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    if io.read_u8().await? == VERSION {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "SOCKS of another version"))
}

async fn refuse<T>(io: &mut (impl AsyncWrite + Unpin), reply: Reply) -> io::Result<T> {
    answer(io, reply).await?;
    Err(io::Error::new(io::ErrorKind::Unsupported, format!("SOCKS: {reply:?}")))
}

/// Answers; only after [`Reply::Open`] the connection goes on. The address of the other end is not told.
pub async fn answer(io: &mut (impl AsyncWrite + Unpin), reply: Reply) -> io::Result<()> {
    io.write_all(&[VERSION, reply as u8, 0, IPV4, 0, 0, 0, 0, 0, 0]).await?;
    io.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of the bytes of a client, and what it was answered.
    async fn exchange(sent: &[u8]) -> (Option<(String, u16)>, Vec<u8>) {
        let (mut client, mut server) = tokio::io::duplex(1024);
        client.write_all(sent).await.unwrap();
        client.shutdown().await.unwrap();
        let asked = asked(&mut server).await.ok();
        drop(server);
        let mut answered = Vec::new();
        client.read_to_end(&mut answered).await.unwrap();
        (asked, answered)
    }

    #[tokio::test]
    async fn a_host_is_asked_for_by_name_or_address() {
        let greeting = [5, 2, 0, 2];
        for (request, host, port) in [
            (&b"\x05\x01\x00\x03\x0ddata.city.gov\x01\xbb"[..], "data.city.gov", 443),
            (b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50", "127.0.0.1", 80),
            (b"\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50", "::1", 80),
        ] {
            let (asked, answered) = exchange(&[&greeting[..], request].concat()).await;
            assert_eq!((asked, answered), (Some((host.to_owned(), port)), vec![5, 0]));
        }
    }

    #[tokio::test]
    async fn whatever_else_is_asked_for_is_refused() {
        let name = b"\x03\x01a\x00\x50";
        for (sent, answered) in [
            (&b"\x05\x01\x02"[..], vec![5, 0xff]),
            (&[b"\x05\x01\x00\x05\x02\x00", &name[..]].concat(), vec![5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]),
            (b"\x05\x01\x00\x05\x01\x00\x09", vec![5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
            (b"\x05\x01\x00\x05\x01\x00\x03\x01\xff\x00\x50", vec![5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
            (b"\x05\x01\x00\x04", vec![5, 0]),
            (b"\x04\x01\x00\x50", vec![]),
            (b"\x05", vec![]),
        ] {
            assert_eq!(exchange(sent).await, (None, answered), "{sent:?}");
        }
    }
}
