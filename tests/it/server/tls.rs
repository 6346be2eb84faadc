//! Certificates for whatever name is asked for.

use super::{LIVE, plain, secured, whole};
use soda_mock::MockServer;
use tokio_rustls::rustls::pki_types::ServerName;

async fn leaf(server: &MockServer, name: &str) -> Vec<u8> {
    let stream = secured(server, name, plain(server).await).await;
    let chain = stream.get_ref().1.peer_certificates().unwrap();
    assert_eq!(chain.len(), 2, "the leaf and its authority");
    chain[0].to_vec()
}

#[tokio::test]
async fn each_name_has_a_certificate_of_its_own_that_is_kept() {
    let server = MockServer::start().await.unwrap();
    let city = leaf(&server, "data.city.gov").await;
    assert_ne!(city, leaf(&server, "data.county.gov").await);
    assert_eq!(city, leaf(&server, "data.city.gov").await);
    assert_eq!(city, leaf(&server, "DATA.City.Gov").await, "names have no capitals");
    server.stop().await;
}

/// The client checks the name against the certificate; an address sends no name at all.
#[tokio::test]
async fn names_and_addresses_of_this_machine_are_served() {
    let server = MockServer::start().await.unwrap();
    for name in
        ["localhost", "t1.localhost", "127.0.0.1", "::1", "a-name-without-dots", "xn--bcher-kva.example"]
    {
        let mut stream = secured(&server, name, plain(&server).await).await;
        assert!(whole(&mut stream, LIVE).await.starts_with("HTTP/1.1 200"), "{name}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_trust_us_ends_its_own_connection_only() {
    let (server, other) = (MockServer::start().await.unwrap(), MockServer::start().await.unwrap());
    let name = ServerName::try_from("localhost").unwrap();
    assert!(super::connector(&other).connect(name, plain(&server).await).await.is_err());
    let mut stream = secured(&server, "localhost", plain(&server).await).await;
    assert!(whole(&mut stream, LIVE).await.starts_with("HTTP/1.1 200"));
    server.stop().await;
    other.stop().await;
}
