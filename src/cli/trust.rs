//! `soda-mock env`: what a shell has to set so that programs trust and reach the server.

use super::{CliError, languages};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

/// For which shell and for which domain.
#[derive(clap::Args, Debug)]
pub struct EnvOptions {
    /// The server's address.
    #[arg(long, env = "SODA_MOCK_URL", default_value = "http://127.0.0.1:7632")]
    pub url: String,
    /// The shell.
    #[arg(long, default_value = "bash", value_parser = ["bash", "fish", "pwsh", "github"])]
    pub shell: String,
    /// A domain that programs name in their code; it is reached through the server as a proxy.
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Where the bundle of certificates is written.
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

/// Variables that name a bundle, and the programs that read them.
const BUNDLES: [&str; 8] = [
    "SSL_CERT_FILE",      // OpenSSL: Ruby, Go, .NET, Python's ssl, PHP's streams
    "CURL_CA_BUNDLE",     // curl
    "REQUESTS_CA_BUNDLE", // Python requests
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "HTTPLIB2_CA_CERTS",
    "PIP_CERT",
    "DENO_CERT",
];
/// The system's bundles, the first that is there.
const SYSTEM_BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
];

/// What programs of this shell trust: `SSL_CERT_FILE`, else the system's bundle.
pub fn system_bundle() -> Option<String> {
    let named = std::env::var_os("SSL_CERT_FILE").and_then(|path| std::fs::read_to_string(path).ok());
    named.or_else(|| SYSTEM_BUNDLES.iter().find_map(|path| std::fs::read_to_string(path).ok()))
}

/// The mock's own CA, where a server has made one for this user.
pub fn own_ca() -> Option<String> {
    let folder =
        std::env::var_os("SODA_MOCK_CA_DIR").map(PathBuf::from).or_else(super::serve::data_folder)?;
    std::fs::read_to_string(folder.join("ca.pem")).ok()
}

/// Prints the variables.
pub fn run(options: &EnvOptions) -> Result<(), CliError> {
    let (status, pem) = get(&options.url, "/__mock/v1/ca.pem").map_err(|e| {
        CliError::Other(format!("no server at {}: {e}. Start one with `soda-mock serve`.", options.url))
    })?;
    if status != 200 {
        return Err(CliError::Other(format!("{} answers {status} to /__mock/v1/ca.pem", options.url)));
    }
    let folder = super::serve::data_folder().unwrap_or_else(std::env::temp_dir);
    let bundle = options.bundle.clone().unwrap_or_else(|| folder.join("ca-bundle.pem"));
    let ca = bundle.with_file_name("ca-only.pem");
    let system =
        SYSTEM_BUNDLES.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    write(&bundle, &format!("{system}\n{pem}"))?;
    write(&ca, &pem)?;
    let bundle_folder = bundle.parent().unwrap_or(&folder);
    let bundle_text = bundle.display().to_string();
    let mut variables: Vec<(&str, String)> =
        BUNDLES.iter().map(|name| (*name, bundle_text.clone())).collect();
    // Node adds to its own list.
    variables.push(("NODE_EXTRA_CA_CERTS", ca.display().to_string()));
    variables.push(("SODA_MOCK_URL", options.url.clone()));
    variables.extend(languages::variables(
        bundle_folder,
        &bundle_text,
        &ca,
        options.domain.as_ref().map(|_| &*options.url),
    )?);
    if options.domain.is_some() {
        // Ruby's Net::HTTP reads http_proxy for https too, and not https_proxy (client evidence).
        for name in ["https_proxy", "HTTPS_PROXY", "http_proxy"] {
            variables.push((name, options.url.clone()));
        }
        variables.push(("no_proxy", "localhost,127.0.0.1,::1".to_owned()));
    }
    for (name, value) in &variables {
        println!("{}", line(&options.shell, name, value));
    }
    if let Some(domain) = &options.domain {
        let comment = if options.shell == "github" { return Ok(()) } else { "#" };
        println!("{comment} https://{domain} now ends at {}", options.url);
    }
    Ok(())
}

fn line(shell: &str, name: &str, value: &str) -> String {
    match shell {
        "fish" => format!("set -gx {name} '{}'", value.replace('\'', "\\'")),
        "pwsh" => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        "github" => format!("{name}={value}"),
        _ => format!("export {name}='{}'", value.replace('\'', "'\\''")),
    }
}

pub(super) fn write(path: &std::path::Path, text: &str) -> Result<(), CliError> {
    let failed = |e: std::io::Error| {
        CliError::Data(format!("{}: {e}; name another file with --bundle", path.display()))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// A GET without a client library: `ready` has to be quick and to need no certificates.
pub fn get(url: &str, path: &str) -> Result<(u16, String), String> {
    let authority = url.strip_prefix("http://").ok_or("the address has to begin with http://")?;
    let authority = authority.split('/').next().unwrap_or(authority);
    let address = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let mut stream = TcpStream::connect(&address).map_err(|e| e.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).map_err(|e| e.to_string())?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|e| e.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("it does not speak HTTP")?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("it does not speak HTTP")?;
    Ok((status, body.to_owned()))
}
