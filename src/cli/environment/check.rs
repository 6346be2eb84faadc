//! Which run times of this machine reach the server by a domain's name: each is tried, none is assumed.

use super::java::keytool;
use crate::clock::monotonic;
use crate::domains::DomainName;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the server answers, and no other site.
pub(crate) const ANSWER: &str = r#"{"live":true}"#;
/// The path of that answer.
const PATH: &str = "/__mock/v1/live";
/// A run time that answers nothing for so long is given up.
const LIMIT: Duration = Duration::from_secs(15);
/// Between two looks at a run time that is tried.
const PAUSE: Duration = Duration::from_millis(10);
/// Bytes that are read of what a run time says.
const MAX_SAID: u64 = 64 << 10;

/// How a run time treats hosts that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// It connects to them as without soda-mock.
    Direct,
    /// It sends them to soda-mock, which refuses or forwards them.
    Proxied,
}

/// A run time and the program that tries it: it prints the answer of the server once for each way of the run
/// time to make a request.
#[derive(Debug)]
pub(crate) struct RunTime {
    pub name: &'static str,
    program: &'static str,
    /// `{host}`, `{path}` and `{url}` stand for the parts of the address and the whole.
    arguments: &'static [&'static str],
    /// What was tried.
    pub covered: &'static str,
    /// What reaches the real site all the same; empty when nothing is known.
    pub beside: &'static str,
    /// Hosts that are not named.
    pub others: Others,
}

const NODE: &str = "const print = text => console.log(text.trim()), fail = e => { console.error(e.message); process.exit(1); };
require('https').get('{url}', { agent: false }, answer => answer.on('data', data => print(String(data)))).on('error', fail);
if (globalThis.fetch) fetch('{url}').then(answer => answer.text()).then(print).catch(fail);";
const PYTHON: &str = "import http.client, urllib.request
plain = http.client.HTTPSConnection('{host}', timeout=10)
plain.request('GET', '{path}')
print(plain.getresponse().read().decode())
print(urllib.request.urlopen('{url}', timeout=10).read().decode())";
const RUBY: &str = "require 'net/http'
puts Net::HTTP.get(URI('{url}'))
Net::HTTP.start('{host}', 443, nil, use_ssl: true) { |plain| puts plain.get('{path}').body }";
const PHP: &str = "$c = curl_init('{url}'); curl_setopt($c, CURLOPT_RETURNTRANSFER, 1); $a = curl_exec($c);
if ($a === false) { fwrite(STDERR, curl_error($c)); exit(1); } echo $a, PHP_EOL;";
const R: &str = "cat(readLines('{url}', warn = FALSE), sep = '\\n')
if (requireNamespace('httr', quietly = TRUE)) cat(httr::content(httr::GET('{url}'), 'text', encoding = 'UTF-8'), sep = '\\n')";

/// Every run time that is tried.
pub(crate) const RUN_TIMES: [RunTime; 8] = [
    RunTime {
        name: "curl",
        program: "curl",
        arguments: &["--silent", "--show-error", "{url}"],
        covered: "the command",
        beside: "",
        others: Others::Direct,
    },
    RunTime {
        name: "wget",
        program: "wget",
        arguments: &["-q", "--tries=1", "-O-", "{url}"],
        covered: "the command",
        beside: "",
        others: Others::Proxied,
    },
    RunTime {
        name: "Node.js",
        program: "node",
        arguments: &["-e", NODE],
        covered: "https with any agent, fetch; a library that reads https_proxy itself (axios) is refused other hosts",
        beside: "before Node.js 22.21, a program that is started with a NODE_OPTIONS of its own",
        others: Others::Direct,
    },
    RunTime {
        name: "Python",
        program: "python3",
        arguments: &["-c", PYTHON],
        covered: "http.client, urllib, what is built on them or on sockets",
        beside: "under python -I, -E or -S, what reads no proxy (aiohttp by default)",
        others: Others::Direct,
    },
    RunTime {
        name: "Ruby",
        program: "ruby",
        arguments: &["-e", RUBY],
        covered: "Net::HTTP with and without a proxy",
        beside: "",
        others: Others::Direct,
    },
    RunTime {
        name: "PHP",
        program: "php",
        arguments: &["-r", PHP],
        covered: "curl; fopen and file_get_contents of addresses are switched off, for they know no proxy",
        beside: "stream_socket_client and fsockopen",
        others: Others::Proxied,
    },
    RunTime {
        name: "R",
        program: "Rscript",
        arguments: &["-e", R],
        covered: "url(), download.file, httr; curl and httr2 do not trust the certificate, so they fail",
        beside: "",
        others: Others::Proxied,
    },
    RunTime {
        name: "Java",
        program: "keytool",
        arguments: &["-printcert", "-rfc", "-sslserver", "{host}"],
        covered: "HttpsURLConnection; HttpClient and OkHttp read the same properties",
        beside: "Apache HttpClient without useSystemProperties(), which soda-java and DataSync use",
        others: Others::Proxied,
    },
];

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It reaches the server.
    Reaches,
    /// It does not; the last line of what it said.
    Fails(String),
    /// The program is not there.
    Missing,
}

/// Tries every run time at once, in this environment.
pub(crate) fn all(
    domain: &DomainName,
    variables: &[(&str, &str)],
    ca_pem: &str,
) -> Vec<(&'static RunTime, Tried)> {
    let started: Vec<_> =
        RUN_TIMES.iter().map(|run_time| (run_time, start(run_time, domain, variables))).collect();
    let end = monotonic() + LIMIT;
    let outcome = |(run_time, child): (&'static RunTime, Option<Child>)| {
        let tried = child.map_or(Tried::Missing, |child| outcome(run_time, child, end, ca_pem));
        (run_time, tried)
    };
    started.into_iter().map(outcome).collect()
}

fn start(run_time: &RunTime, domain: &DomainName, variables: &[(&str, &str)]) -> Option<Child> {
    let host = domain.as_str();
    let url = format!("https://{host}{PATH}");
    let java = run_time.program == "keytool";
    let program = if java { keytool()? } else { run_time.program.into() };
    let filled = |text: &&str| text.replace("{url}", &url).replace("{host}", host).replace("{path}", PATH);
    let arguments = run_time.arguments.iter().map(filled);
    let child = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    child.ok()
}

fn outcome(run_time: &RunTime, mut child: Child, end: Instant, ca_pem: &str) -> Tried {
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if monotonic() < end => std::thread::sleep(PAUSE),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Tried::Fails(format!("no answer in {} s", LIMIT.as_secs()));
            }
        }
    }
    let said = said(child.stdout.take());
    let reaches = match run_time.program {
        // It prints the certificates that the site has sent.
        "keytool" => said
            .split_whitespace()
            .collect::<String>()
            .contains(&ca_pem.split_whitespace().collect::<String>()),
        _ => {
            !said.trim().is_empty()
                && said.lines().all(|line| line.trim().is_empty() || line.trim() == ANSWER)
        }
    };
    if reaches {
        return Tried::Reaches;
    }
    let errors = said_last(&self::said(child.stderr.take()));
    Tried::Fails(errors.unwrap_or_else(|| "it is answered by another server".to_owned()))
}

fn said(stream: Option<impl std::io::Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What a run time does not say is no answer.
        let _ = stream.take(MAX_SAID).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn said_last(text: &str) -> Option<String> {
    let line = text.lines().rfind(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(160).collect())
}
