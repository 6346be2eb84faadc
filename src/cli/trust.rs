//! `soda-mock env`: what a shell has to set so that programs trust and reach the server.

use super::address::Address;
use super::{CliError, languages};
use std::path::PathBuf;

/// For which shell and for which domain.
#[derive(clap::Args, Debug)]
pub struct EnvOptions {
    /// The shell.
    #[arg(long, default_value = "bash", value_parser = ["bash", "fish", "pwsh", "github"])]
    pub shell: String,
    /// A domain that programs name in their code; it is reached through the server as a proxy.
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Where the bundle of certificates is written.
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    #[command(flatten)]
    address: Address,
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
    let place = options.address.find()?;
    let admin = options.address.admin()?;
    let pem = certificate(&admin)?;
    let admin = admin.trim_end_matches("/__mock/v1");
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
    variables.push(("SODA_MOCK_URL", admin.to_owned()));
    variables.extend(languages::variables(
        bundle_folder,
        &bundle_text,
        &ca,
        options.domain.as_ref().map(|_| &*place.root),
    )?);
    if options.domain.is_some() {
        // Ruby's Net::HTTP reads http_proxy for https too, and not https_proxy (client evidence).
        for name in ["https_proxy", "HTTPS_PROXY", "http_proxy"] {
            variables.push((name, place.root.clone()));
        }
        variables.push(("no_proxy", "localhost,127.0.0.1,::1".to_owned()));
    }
    for (name, value) in &variables {
        println!("{}", line(&options.shell, name, value));
    }
    if let Some(domain) = &options.domain {
        let comment = if options.shell == "github" { return Ok(()) } else { "#" };
        println!("{comment} https://{domain} now ends at {}", place.root);
    }
    Ok(())
}

/// The CA's certificate.
fn certificate(admin: &str) -> Result<String, CliError> {
    let url = format!("{admin}/ca.pem");
    let no_server = |why: String| {
        CliError::NoServer(format!(
            "no server at {admin}: {why}. Start one with `soda-mock serve`, or name it with --url."
        ))
    };
    let mut answer = super::net::agent(admin.starts_with("https:"), false)
        .get(&url)
        .call()
        .map_err(|error| no_server(super::net::plainly(&error)))?;
    if answer.status() != 200 {
        return Err(CliError::Refused(format!("{url} answers {}", answer.status().as_u16())));
    }
    answer.body_mut().read_to_string().map_err(|error| no_server(super::net::plainly(&error)))
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
