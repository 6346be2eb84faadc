//! What `serve` tells once it can work: the ready line, or a banner on a terminal.

use super::options::ServeOptions;
use super::running::Running;
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal as _, Write as _};

/// The ready line: what a server tells once it can work, on standard output and in its ready file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ReadyLine {
    event: String,
    pub pid: Option<u32>,
    port: u16,
    /// The address of the emulated API.
    pub http: Option<String>,
    https: String,
    /// The address of the admin API; null without one.
    pub admin: Option<String>,
    /// The address of the web page.
    page: Option<String>,
    /// The file of the CA's certificate; null for a CA in memory.
    ca: Option<String>,
    /// 32 hexadecimal digits, new with each start.
    pub instance: Option<String>,
    version: String,
}

impl ReadyLine {
    /// A line that was written; none for anything else than a JSON object.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|_| text.trim_start().starts_with('{'))
    }
}

/// The ready line of a server.
pub(super) fn line(running: &Running) -> String {
    let admin = running.admin.as_deref();
    let line = ReadyLine {
        event: "ready".to_owned(),
        pid: Some(std::process::id()),
        port: running.address.port(),
        http: Some(running.http()),
        https: running.https(),
        admin: admin.map(|base| format!("{base}/__mock/v1")),
        page: admin.map(|base| format!("{base}/__mock/")),
        ca: running.authority.path().map(|path| path.display().to_string()),
        instance: Some(running.instance().to_owned()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    serde_json::to_string(&line).unwrap_or_default()
}

/// Prints the line, or the banner where a person reads it.
pub(super) fn print(line: &str, options: &ServeOptions, running: &Running) {
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
