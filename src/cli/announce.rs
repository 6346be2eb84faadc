//! What `serve` tells once it can work: the ready line, or a banner on a terminal.

use super::options::ServeOptions;
use super::serve::Running;
use serde_json::json;
use std::io::{IsTerminal as _, Write as _};

/// The ready line.
pub fn line(running: &Running) -> String {
    let admin = running.admin.as_deref();
    json!({
        "event": "ready",
        "pid": std::process::id(),
        "port": running.address.port(),
        "http": running.http(),
        "https": running.https(),
        "admin": admin.map(|base| format!("{base}/__mock/v1")),
        "page": admin.map(|base| format!("{base}/__mock/")),
        "ca": running.authority.path().map(|p| p.display().to_string()),
        "instance": running.instance(),
        "version": env!("CARGO_PKG_VERSION"),
    })
    .to_string()
}

/// Prints the line, or the banner where a person reads it.
pub fn print(line: &str, options: &ServeOptions, running: &Running) {
    let mut out = std::io::stdout();
    // A closed standard output is no reason to stop.
    let _ = if out.is_terminal() {
        out.write_all(banner(options, running).as_bytes())
    } else {
        writeln!(out, "{line}")
    };
    let _ = out.flush();
}

fn banner(options: &ServeOptions, running: &Running) -> String {
    let http = running.http();
    let flag = if http == "http://127.0.0.1:7632" { String::new() } else { format!(" --url {http}") };
    let http = http.replace("//127.0.0.1:", "//localhost:");
    format!(
        "soda-mock {version}

  {http}    {https}    (one port for both)
  admin  {admin}
  trust  eval \"$(soda-mock env{flag})\"
{proxy}
  publisher@example.com / publisher     API key demo-key-id / demo-key-secret
  app token demo-app-token

  Try it:
  curl -u publisher@example.com:publisher {http}/resource/4tka-6guv.json \\
    -H 'Content-Type: application/json' -d '[{{\"earthquake_id\":\"00388609\",\"magnitude\":\"1.2\"}}]'

  Ctrl-C stops it.
",
        version = env!("CARGO_PKG_VERSION"),
        https = running.https(),
        admin = running.admin.as_ref().map_or_else(|| "off".to_owned(), |base| format!("{base}/__mock/v1")),
        proxy = proxy_told(options),
    )
}

/// The line of the banner about the server as a proxy; none where nothing is set.
fn proxy_told(options: &ServeOptions) -> String {
    let domains: Vec<String> = options.domain.iter().map(ToString::to_string).collect();
    let others = match (options.forward_others, domains.is_empty()) {
        (false, true) => return String::new(),
        (false, false) => "other hosts are refused",
        (true, false) => "OTHER HOSTS ARE FORWARDED UNTOUCHED (--forward-others)",
        (true, true) => "once a domain is named, OTHER HOSTS ARE FORWARDED UNTOUCHED (--forward-others)",
    };
    let named = if domains.is_empty() { String::new() } else { format!("{}; ", domains.join(", ")) };
    format!("  proxy  {named}{others}\n")
}
