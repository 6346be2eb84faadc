//! The options of `serve`: the same names in flags, environment and file.

use crate::domains::DomainName;
use crate::http::AdminToken;
use crate::space::Bounds;
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// How to serve.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct ServeOptions {
    /// Seed files or folders; without any and without --data the demo dataset is loaded.
    #[arg(value_name = "SEED", env = "SODA_MOCK_SEED")]
    pub seed: Vec<PathBuf>,
    /// Port for HTTP and HTTPS; 0 picks a free one.
    #[arg(long, help_heading = "Listening", env = "SODA_MOCK_PORT", default_value_t = 7632)]
    pub port: u16,
    /// Address to listen on, instead of 127.0.0.1 and ::1 (repeatable).
    #[arg(
        long,
        help_heading = "Listening",
        value_name = "ADDR",
        env = "SODA_MOCK_LISTEN",
        value_delimiter = ','
    )]
    pub listen: Vec<std::net::IpAddr>,
    /// SQLite file that survives; without it the store is gone at the end.
    #[arg(long, help_heading = "Data", value_name = "FILE", env = "SODA_MOCK_DATA", value_parser = data_name())]
    pub data: Option<PathBuf>,
    /// Folder of the local CA ("memory": a new one each time).
    #[arg(long, help_heading = "Listening", value_name = "DIR", env = "SODA_MOCK_CA_DIR")]
    pub ca_dir: Option<PathBuf>,
    /// More names for the server's certificate (repeatable).
    #[arg(
        long,
        help_heading = "Listening",
        value_name = "NAME",
        env = "SODA_MOCK_SAN",
        value_delimiter = ','
    )]
    pub san: Vec<String>,
    /// A domain that the server stands in for as a proxy; other hosts are refused (repeatable).
    #[arg(
        long,
        help_heading = "Proxy",
        value_name = "DOMAIN",
        env = "SODA_MOCK_DOMAIN",
        value_delimiter = ',',
        value_parser = DomainName::parse
    )]
    pub domain: Vec<DomainName>,
    /// Forward other hosts untouched to where they are, once a domain is named.
    #[arg(long, help_heading = "Proxy", env = "SODA_MOCK_FORWARD_OTHERS")]
    pub forward_others: bool,
    /// File that gets the ready line.
    #[arg(long, help_heading = "Start and end", value_name = "FILE", env = "SODA_MOCK_READY_FILE")]
    pub ready_file: Option<PathBuf>,
    /// End when standard input is closed.
    #[arg(long, help_heading = "Start and end", env = "SODA_MOCK_EXIT_WITH_STDIN")]
    pub exit_with_stdin: bool,
    /// End when this process is gone.
    #[arg(long, help_heading = "Start and end", value_name = "PID", env = "SODA_MOCK_PARENT_PID")]
    pub parent_pid: Option<u32>,
    /// What production documents, even where it hurts: https for credentials, throttling, types as in the source.
    #[arg(long, help_heading = "As production has it", env = "SODA_MOCK_STRICT")]
    pub strict: bool,
    /// Refuse what only the support pages accept, such as quoted booleans.
    #[arg(long, help_heading = "As production has it", env = "SODA_MOCK_STRICT_TYPES")]
    pub strict_types: bool,
    /// check: accounts as they are; any: all credentials are accepted.
    #[arg(long, help_heading = "Who may write", value_name = "MODE", env = "SODA_MOCK_AUTH", default_value = "check", value_parser = ["check", "any"])]
    pub auth: String,
    /// Status of a refused login.
    #[arg(long, help_heading = "Who may write", value_name = "STATUS", env = "SODA_MOCK_AUTH_STATUS", default_value = "403", value_parser = ["403", "401"])]
    pub auth_status: String,
    /// check: known app tokens only; any: all.
    #[arg(long, help_heading = "Who may write", value_name = "MODE", env = "SODA_MOCK_APP_TOKENS", default_value = "check", value_parser = ["check", "any"])]
    pub app_tokens: String,
    /// Add an account (repeatable).
    #[arg(
        long,
        help_heading = "Who may write",
        value_name = "NAME:PASSWORD[:ROLE]",
        env = "SODA_MOCK_USER",
        hide_env_values = true
    )]
    pub user: Vec<String>,
    /// Add an application token (repeatable).
    #[arg(
        long,
        help_heading = "Who may write",
        value_name = "TOKEN",
        env = "SODA_MOCK_APP_TOKEN",
        hide_env_values = true
    )]
    pub app_token: Vec<String>,
    /// Keys in the answer to an upload.
    #[arg(long, help_heading = "As production has it", value_name = "KEYS", env = "SODA_MOCK_REPORT", default_value = "six", value_parser = ["six", "four"])]
    pub report: String,
    /// Answer the upload of a single object with counts.
    #[arg(long, help_heading = "As production has it", env = "SODA_MOCK_SINGLE_OBJECT_REPORT")]
    pub single_object_report: bool,
    /// Bytes of the largest body, such as 512m or 2g.
    #[arg(long, help_heading = "Limits", value_name = "BYTES", env = "SODA_MOCK_MAX_BODY", default_value = "2g", value_parser = bytes)]
    pub max_body: u64,
    /// Memory beyond the data, whatever clients do, such as 256m; at least 64m [default: 256m, but half of a container's memory or a quarter of the machine's at most].
    #[arg(long, help_heading = "Limits", value_name = "BYTES", env = "SODA_MOCK_MAX_MEMORY", value_parser = memory_bytes)]
    pub max_memory: Option<u64>,
    /// A query that gives nothing for so long is stopped with 408, such as 60s or 5m.
    #[arg(long, help_heading = "Limits", value_name = "TIME", env = "SODA_MOCK_QUERY_TIMEOUT", default_value = "60s", value_parser = duration)]
    pub query_timeout: std::time::Duration,
    /// A client that takes nothing of an answer for so long is cut off.
    #[arg(long, help_heading = "Limits", value_name = "TIME", env = "SODA_MOCK_STALL_TIMEOUT", default_value = "60s", value_parser = duration)]
    pub stall_timeout: std::time::Duration,
    /// Throttling, such as anonymous=1000/1h,token=off [default: off; with --strict anonymous=1000/1h,token=off].
    #[arg(long, help_heading = "Who may write", value_name = "LIMITS", env = "SODA_MOCK_THROTTLE")]
    pub throttle: Option<String>,
    /// How long jobs of publishing take, such as apply=3polls,parse=10s,transform=fail:REASON [default: they are done with their request].
    #[arg(long, help_heading = "Publishing", value_name = "COURSES", env = "SODA_MOCK_JOBS")]
    pub jobs: Option<String>,
    /// Spaces at most, the default one included.
    #[arg(long, help_heading = "Limits", value_name = "N", env = "SODA_MOCK_MAX_SPACES", default_value_t = Bounds::default().spaces)]
    pub max_spaces: usize,
    /// Snapshots of a space at most.
    #[arg(long, help_heading = "Limits", value_name = "N", env = "SODA_MOCK_MAX_SNAPSHOTS", default_value_t = Bounds::default().snapshots)]
    pub max_snapshots: usize,
    /// Requests that the journal of a space keeps; 0 turns it off.
    #[arg(
        long,
        help_heading = "Journal",
        value_name = "N",
        env = "SODA_MOCK_JOURNAL_ENTRIES",
        default_value_t = 10_000
    )]
    pub journal_entries: usize,
    /// Bytes that the journal of a space takes at most, such as 32m.
    #[arg(long, help_heading = "Journal", value_name = "BYTES", env = "SODA_MOCK_JOURNAL_BYTES", default_value = "32m", value_parser = bytes)]
    pub journal_bytes: u64,
    /// Bytes of each body that the journal keeps, such as 64k.
    #[arg(long, help_heading = "Journal", value_name = "BYTES", env = "SODA_MOCK_JOURNAL_BODY", default_value = "64k", value_parser = bytes)]
    pub journal_body: u64,
    /// Freeze time at this moment, such as 2025-01-31T12:00:00Z, until PUT /__mock/v1/clock says otherwise.
    #[arg(long, help_heading = "Time, ids and faults", value_name = "TIME", env = "SODA_MOCK_CLOCK")]
    pub clock: Option<jiff::Timestamp>,
    /// Number that all ids, keys and tokens follow from: the same script gives the same ids.
    #[arg(long, help_heading = "Time, ids and faults", value_name = "NUMBER", env = "SODA_MOCK_IDS")]
    pub ids: Option<u64>,
    /// Arm a preset fault from the start, such as maintenance or flaky-publish (repeatable).
    #[arg(
        long,
        help_heading = "Time, ids and faults",
        value_name = "PRESET",
        env = "SODA_MOCK_FAULT",
        value_delimiter = ','
    )]
    pub fault: Vec<String>,
    /// Leave the admin API and the web page out.
    #[arg(
        long,
        help_heading = "Admin API and web page",
        env = "SODA_MOCK_NO_ADMIN",
        conflicts_with = "admin_listen"
    )]
    pub no_admin: bool,
    /// Move the admin API and the web page to an address of their own, such as 127.0.0.1:7633 or 7633.
    #[arg(long, help_heading = "Admin API and web page", value_name = "ADDR", env = "SODA_MOCK_ADMIN_LISTEN", value_parser = admin_address)]
    pub admin_listen: Option<SocketAddr>,
    /// Ask for this token in the admin API (Authorization: Bearer TOKEN).
    #[arg(long, help_heading = "Admin API and web page", value_name = "TOKEN", env = "SODA_MOCK_ADMIN_TOKEN", hide_env_values = true, value_parser = AdminToken::parse)]
    pub admin_token: Option<AdminToken>,
    /// Log filter: warn, info (one line a request), debug or soda_mock=trace.
    #[arg(long, help_heading = "Log", value_name = "FILTER", env = "SODA_MOCK_LOG", default_value = "warn")]
    pub log: String,
    /// Form of the log; json has one object a line.
    #[arg(long, help_heading = "Log", value_name = "FORM", env = "SODA_MOCK_LOG_FORMAT", default_value = "pretty", value_parser = ["pretty", "json"])]
    pub log_format: String,
    /// File of options; soda-mock.toml is read when it is there.
    #[arg(long, help_heading = "Start and end", value_name = "FILE", env = "SODA_MOCK_CONFIG")]
    pub config: Option<PathBuf>,
}

/// An address with its port, or a port of 127.0.0.1.
pub(super) fn admin_address(text: &str) -> Result<SocketAddr, String> {
    let port = text.parse().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    port.or_else(|_| text.parse()).map_err(|_| "write ADDRESS:PORT, [ADDRESS]:PORT or PORT".to_owned())
}

/// Any name; which ones are none of a file is told when the file is opened.
fn data_name() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// `500ms`, `60s`, `5m`; a bare number is seconds.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("write a time such as 500ms, 60s or 5m".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write a time such as 500ms, 60s or 5m".to_owned())?;
    let ms = number.checked_mul(unit).filter(|ms| *ms > 0);
    ms.map(std::time::Duration::from_millis).ok_or_else(|| "write a time above zero".to_owned())
}

/// A number of bytes that the server can work with.
fn memory_bytes(text: &str) -> Result<u64, String> {
    let least = crate::memory::LEAST;
    match bytes(text)? {
        too_few if too_few < least => Err(format!("write at least {}m", least >> 20)),
        enough => Ok(enough),
    }
}

/// `1024`, `64k`, `512m`, `2g`.
fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &lower[digits.len()..] {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err("write a number of bytes, such as 512m or 2g".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write a number of bytes, such as 512m or 2g".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "that is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{admin_address, bytes, duration, memory_bytes};
    use std::time::Duration;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert!(duration("soon").is_err() && duration("0s").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("2g"), Ok(2 << 30));
        assert_eq!(bytes("64K"), Ok(65_536));
        assert!(bytes("x").is_err() && bytes("1t").is_err() && bytes("99999999999g").is_err());
    }

    #[test]
    fn a_server_has_some_memory_at_least() {
        assert_eq!(memory_bytes("64m"), Ok(64 << 20));
        assert!(memory_bytes("63m").is_err() && memory_bytes("much").is_err());
    }

    #[test]
    fn the_admin_address_is_a_port_or_an_address_with_one() {
        for (text, address) in
            [("7633", "127.0.0.1:7633"), ("0.0.0.0:1", "0.0.0.0:1"), ("[::1]:0", "[::1]:0")]
        {
            assert_eq!(admin_address(text), Ok(address.parse().unwrap()));
        }
        for text in ["localhost:1", "127.0.0.1", "::1", "70000", ""] {
            assert!(admin_address(text).is_err(), "{text}");
        }
    }
}
