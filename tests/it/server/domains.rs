//! Named domains end here; what a client of the proxy asks of other hosts is refused by name or forwarded.

use super::{head, plain, secured, whole};
use serde_json::{Value, json};
use soda_mock::domains::DomainName;
use soda_mock::{MockServer, Setup};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const READ: &str =
    "GET /resource/4tka-6guv.json?$limit=1 HTTP/1.1\r\nHost: data.city.gov\r\nConnection: close\r\n\r\n";

async fn server(domains: &[&str], forward_others: bool) -> MockServer {
    let domains = domains.iter().map(|name| DomainName::parse(name).unwrap()).collect();
    Setup { domains, forward_others, ..Setup::default() }.start().await.unwrap()
}

async fn asked(server: &MockServer, request: &str) -> String {
    whole(&mut plain(server).await, request).await
}

/// A request for a tunnel, and all that is answered when none is opened.
async fn refused_tunnel(server: &MockServer, target: &str) -> String {
    asked(server, &format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")).await
}

async fn tunnel(server: &MockServer, target: &str, more: &str) -> TcpStream {
    let mut stream = plain(server).await;
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stream
}

async fn admin(server: &MockServer, method: &str, path: &str) -> (u16, Value) {
    let request =
        format!("{method} /__mock/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let answer = asked(server, &request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// A server of somebody else on this machine, under an address that is none of this machine's names. It tells
/// what it was sent.
async fn elsewhere() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        while !sent.ends_with(b"\r\n\r\n") {
            sent.push(stream.read_u8().await.unwrap());
        }
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nelsewhere";
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(sent).unwrap()
    });
    (format!("0.0.0.0:{port}"), task)
}

#[tokio::test]
async fn a_named_domain_ends_here_and_other_hosts_are_refused_by_name() {
    let server = server(&["data.city.gov"], false).await;
    let through = tunnel(&server, "Data.City.Gov:443", "").await;
    let mut stream = secured(&server, "data.city.gov", through).await;
    assert!(whole(&mut stream, READ).await.contains("earthquake_id"));
    let whole_address = READ.replacen("/resource", "http://data.city.gov/resource", 1);
    assert!(asked(&server, &whole_address).await.contains("earthquake_id"));
    let other = READ.replacen("/resource", "http://other.gov/resource", 1);
    for answer in [refused_tunnel(&server, "other.gov:443").await, asked(&server, &other).await] {
        assert!(answer.starts_with("HTTP/1.1 502 soda-mock does not stand in for other.gov"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for part in [head.lines().next().unwrap(), body] {
            assert!(part.contains("other.gov") && part.contains("no_proxy"), "{part}");
        }
        assert!(head.contains("Connection: close"), "{head}");
    }
    server.stop().await;
}

/// Names of this machine need no proxy; a client that uses it all the same gets here.
#[tokio::test]
async fn this_machines_names_are_not_refused() {
    let server = server(&["data.city.gov"], false).await;
    for host in ["localhost", "127.0.0.1", "default.localhost"] {
        let request = READ.replacen("/resource", &format!("http://{host}/resource"), 1);
        assert!(asked(&server, &request).await.contains("earthquake_id"), "{host}");
        let mut through = tunnel(&server, &format!("{host}:7632"), "").await;
        assert!(whole(&mut through, READ).await.contains("earthquake_id"), "{host}");
    }
    server.stop().await;
}

#[tokio::test]
async fn domains_are_named_told_and_removed() {
    let server = server(&[], false).await;
    let named = |holders: Value, requests: u64| json!({ "host": "data.city.gov", "holders": holders, "requests": requests });
    assert_eq!(
        admin(&server, "GET", "/domains").await,
        (200, json!({ "domains": [], "others": "answered", "refused": [] }))
    );
    assert_eq!(admin(&server, "PUT", "/domains/Data.City.Gov").await, (200, named(json!(["api"]), 0)));
    assert_eq!(
        admin(&server, "PUT", "/domains/data.city.gov?holder=run").await,
        (200, named(json!(["api", "run"]), 0))
    );
    asked(&server, READ).await;
    refused_tunnel(&server, "other.gov:443").await;
    assert_eq!(
        admin(&server, "GET", "/domains").await.1,
        json!({
            "domains": [named(json!(["api", "run"]), 1)],
            "others": "refused",
            "refused": [{ "host": "other.gov", "count": 1 }],
        })
    );
    let removed = admin(&server, "DELETE", "/domains/data.city.gov?holder=api").await;
    assert_eq!(removed, (200, named(json!(["run"]), 1)));
    assert_eq!(admin(&server, "DELETE", "/domains/data.city.gov?holder=api").await.0, 404);
    assert_eq!(admin(&server, "DELETE", "/domains/data.city.gov").await, (200, named(json!([]), 1)));
    assert_eq!(admin(&server, "DELETE", "/domains/data.city.gov").await.0, 404);
    for wrong in ["/domains/data.city.gov:443", "/domains/data.city.gov?space_holder=a", "/domains/a..b"] {
        assert_eq!(admin(&server, "PUT", wrong).await.0, 400, "{wrong}");
    }
    // Without a domain every host is answered, as before.
    tunnel(&server, "other.gov:443", "").await;
    server.stop().await;
}

#[tokio::test]
async fn other_hosts_are_forwarded_untouched_where_that_is_wanted() {
    let server = server(&["data.city.gov"], true).await;
    assert_eq!(admin(&server, "GET", "/domains").await.1["others"], "forwarded");
    let (target, other) = elsewhere().await;
    let mut through = tunnel(&server, &target, "").await;
    let request = "GET /a HTTP/1.1\r\nHost: whatever\r\nX-Own: 1\r\n\r\n";
    assert!(whole(&mut through, request).await.ends_with("elsewhere"));
    assert_eq!(other.await.unwrap(), request, "not a byte differs");
    let (target, other) = elsewhere().await;
    let request = format!(
        "GET http://{target}/a?b=%20 HTTP/1.1\r\nHost: {target}\r\nProxy-Connection: keep-alive\r\nConnection: close\r\n\r\n"
    );
    let answer = asked(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("elsewhere"), "{answer}");
    let sent = other.await.unwrap().to_ascii_lowercase();
    assert!(sent.starts_with("get /a?b=%20 http/1.1\r\n") && !sent.contains("proxy-connection"), "{sent}");
    let mut here = tunnel(&server, "data.city.gov:80", "").await;
    assert!(whole(&mut here, READ).await.contains("earthquake_id"), "a named one still ends here");
    server.stop().await;
}

#[tokio::test]
async fn a_host_that_forwarding_does_not_reach_is_named() {
    let server = server(&["data.city.gov"], true).await;
    let answer = refused_tunnel(&server, "0.0.0.0:1").await;
    assert!(answer.starts_with("HTTP/1.1 502 soda-mock cannot reach 0.0.0.0:1"), "{answer}");
    // Over a proxy of plain HTTP it could be read on the way.
    let secret = READ.replacen("/resource", "https://other.gov/resource", 1);
    let answer = asked(&server, &secret).await;
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("CONNECT"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_tunnel_belongs_to_the_space_that_its_request_names() {
    let server = server(&["data.city.gov"], false).await;
    let body = r#"{"name":"t1","from":"empty"}"#;
    let create = format!(
        "POST /__mock/v1/spaces HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    assert!(asked(&server, &create).await.contains("t1.localhost"));
    for (more, status) in [("X-Mock-Space: t1\r\n", "404"), ("", "200"), ("X-Mock-Space: nope\r\n", "404")] {
        let mut through = tunnel(&server, "data.city.gov:80", more).await;
        let answer = whole(&mut through, READ).await;
        assert_eq!(&answer[9..12], status, "{more}{answer}");
        assert_eq!(answer.contains("There is no space"), more.contains("nope"), "{answer}");
    }
    // A request that names a space itself belongs there.
    let mut through = tunnel(&server, "data.city.gov:80", "X-Mock-Space: t1\r\n").await;
    let own = READ.replacen("\r\n", "\r\nX-Mock-Space: default\r\n", 1);
    assert!(whole(&mut through, &own).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
}

/// Asks for a tunnel by SOCKS, as libcurl does for `socks5h://`; the stream and the server's reply.
async fn socks(mut stream: TcpStream, host: &str) -> (TcpStream, u8) {
    let name = [&[host.len() as u8], host.as_bytes(), &443_u16.to_be_bytes()].concat();
    stream.write_all(&[5, 1, 0]).await.unwrap();
    let mut method = [0; 2];
    stream.read_exact(&mut method).await.unwrap();
    assert_eq!(method, [5, 0]);
    stream.write_all(&[&[5, 1, 0, 3], &name[..]].concat()).await.unwrap();
    let mut reply = [0; 10];
    stream.read_exact(&mut reply).await.unwrap();
    (stream, reply[1])
}

#[tokio::test]
async fn socks_leads_where_connect_does() {
    let domains_only = server(&["data.city.gov"], false).await;
    let (through, reply) = socks(plain(&domains_only).await, "data.city.gov").await;
    assert_eq!(reply, 0);
    let mut stream = secured(&domains_only, "data.city.gov", through).await;
    let answer = whole(&mut stream, READ).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("earthquake_id"), "{answer}");
    let (mut refused, reply) = socks(plain(&domains_only).await, "other.gov").await;
    assert_eq!((reply, refused.read(&mut [0]).await.unwrap()), (2, 0));
    let named = admin(&domains_only, "GET", "/domains").await.1;
    assert_eq!(
        (&named["domains"][0]["requests"], &named["refused"][0]["host"]),
        (&json!(1), &json!("other.gov"))
    );
    domains_only.stop().await;
    let forwarding = server(&["data.city.gov"], true).await;
    let (_, reply) = socks(plain(&forwarding).await, "nowhere.invalid").await;
    assert_eq!(reply, 4);
    forwarding.stop().await;
}

/// A tunnel of `CONNECT` may hold one of SOCKS, as `run --space` makes it; SOCKS holds no further tunnel.
#[tokio::test]
async fn socks_in_a_tunnel_belongs_to_the_tunnels_space() {
    let server = server(&["data.city.gov"], false).await;
    // A space that is not there is told by what is refused.
    for (space, refused) in [("X-Mock-Space: nope\r\n", true), ("", false)] {
        let (mut through, reply) =
            socks(tunnel(&server, "localhost:443", space).await, "data.city.gov").await;
        assert_eq!(reply, 0);
        let answer = whole(&mut through, READ).await;
        assert_eq!(answer.contains("There is no space"), refused, "{answer}");
    }
    let (mut through, _) = socks(plain(&server).await, "data.city.gov").await;
    through.write_all(&[5, 1, 0, 5, 1, 0, 3, 1, b'a', 0, 80]).await.unwrap();
    let mut rest = Vec::new();
    through.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, [5, 0], "greeted and closed");
    server.stop().await;
}
