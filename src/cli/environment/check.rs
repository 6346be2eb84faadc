//! Which run times of this machine reach the server by a domain's name: each is tried, none is assumed.

use super::java::keytool;
use crate::clock::monotonic;
use crate::domains::DomainName;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// What the server answers, and no other site.
pub(crate) const ANSWER: &str = r#"{"live":true}"#;
/// What a program prints before each answer: a caller's own start-up files may print as well, before, behind and
/// without an end of line.
const MARK: &str = "soda-mock-check:";
/// The path of that answer.
const PATH: &str = "/__mock/v1/live";
/// A run time that answers nothing for so long is given up.
const LIMIT: Duration = Duration::from_secs(15);
/// Between two looks at a run time that is tried.
const PAUSE: Duration = Duration::from_millis(10);
/// Bytes that are read of what a run time says.
const MAX_SAID: u64 = 4 << 20;

/// How a run time treats hosts that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// It connects to them as without soda-mock.
    Direct,
    /// It sends them to soda-mock, which refuses or forwards them.
    Proxied,
}

/// How the server's answer is known among all that a run time says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Lines begin with the mark; the answer stands behind each.
    Marked,
    /// The whole answer of the server stands somewhere.
    Answer,
    /// The certificate of the server's authority stands somewhere.
    Certificate,
}

/// A run time and the program that tries it: it prints the answer of the server once for each way of the run
/// time to make a request.
#[derive(Debug)]
pub(crate) struct RunTime {
    pub name: &'static str,
    program: &'static str,
    /// `{host}`, `{path}` and `{url}` stand for the parts of the address and the whole, `{mark}` for the mark.
    arguments: &'static [&'static str],
    /// A program for standard input; the same stand in it.
    script: &'static str,
    proof: Proof,
    /// What was tried.
    pub covered: &'static str,
    /// What reaches the real site all the same; empty when nothing is known.
    pub beside: &'static str,
    /// Hosts that are not named.
    pub others: Others,
}

const NODE: &str = "const print = text => console.log('\\n{mark}' + text.trim()), fail = e => { console.error(e.message); process.exit(1); };
require('https').get('{url}', { agent: false }, answer => answer.on('data', data => print(String(data)))).on('error', fail);
if (globalThis.fetch) fetch('{url}').then(answer => answer.text()).then(print).catch(fail);";
const PYTHON: &str = "import http.client, urllib.request
plain = http.client.HTTPSConnection('{host}', timeout=10)
plain.request('GET', '{path}')
print('\\n{mark}' + plain.getresponse().read().decode())
print('\\n{mark}' + urllib.request.urlopen('{url}', timeout=10).read().decode())";
const RUBY: &str = "require 'net/http'
puts \"\\n{mark}\" + Net::HTTP.get(URI('{url}'))
Net::HTTP.start('{host}', 443, nil, use_ssl: true) { |plain| puts \"\\n{mark}\" + plain.get('{path}').body }";
// With the headers, which no other answer may stand before.
const PHP: &str = "<?php if (!function_exists('curl_init')) { fwrite(STDERR, 'PHP has no curl'); exit(1); }
$c = curl_init('{url}'); curl_setopt($c, CURLOPT_RETURNTRANSFER, 1); curl_setopt($c, CURLOPT_HEADER, 1);
$a = curl_exec($c);
if ($a === false) { fwrite(STDERR, curl_error($c)); exit(1); }
echo PHP_EOL, '{mark}', trim(explode(\"\\r\\n\\r\\n\", $a, 2)[1]), PHP_EOL;";
const R: &str = "cat('\\n{mark}', readLines('{url}', warn = FALSE), '\\n', sep = '')
if (requireNamespace('httr', quietly = TRUE))
  cat('\\n{mark}', httr::content(httr::GET('{url}'), 'text', encoding = 'UTF-8'), '\\n', sep = '')";

/// Every run time that is tried.
pub(crate) const RUN_TIMES: [RunTime; 8] = [
    RunTime {
        name: "curl",
        program: "curl",
        arguments: &["--silent", "--show-error", "{url}"],
        script: "",
        proof: Proof::Answer,
        covered: "the command",
        beside: "",
        others: Others::Direct,
    },
    RunTime {
        name: "wget",
        program: "wget",
        arguments: &["-q", "--tries=1", "-O-", "{url}"],
        script: "",
        proof: Proof::Answer,
        covered: "the command",
        beside: "",
        others: Others::Proxied,
    },
    RunTime {
        name: "Node.js",
        program: "node",
        arguments: &["-e", NODE],
        script: "",
        proof: Proof::Marked,
        covered: "https with any agent, fetch; a library that reads https_proxy itself (axios) is refused other hosts",
        beside: "before Node.js 22.21, a program that is started with a NODE_OPTIONS of its own",
        others: Others::Direct,
    },
    RunTime {
        name: "Python",
        program: "python3",
        arguments: &["-c", PYTHON],
        script: "",
        proof: Proof::Marked,
        covered: "http.client, urllib, what is built on them or on sockets",
        beside: "under python -I, -E or -S, what reads no proxy (aiohttp by default)",
        others: Others::Direct,
    },
    RunTime {
        name: "Ruby",
        program: "ruby",
        arguments: &["-e", RUBY],
        script: "",
        proof: Proof::Marked,
        covered: "Net::HTTP with and without a proxy",
        beside: "",
        others: Others::Direct,
    },
    RunTime {
        name: "PHP",
        program: "php",
        // A program of its own: what is given with -r is not preceded by the file of auto_prepend_file.
        arguments: &[],
        script: PHP,
        proof: Proof::Marked,
        covered: "curl, by SOCKS (php -r and php -n by a proxy, whose answer stands before the headers of CURLOPT_HEADER); fopen and file_get_contents of addresses are switched off, for they know no proxy",
        beside: "stream_socket_client and fsockopen",
        others: Others::Proxied,
    },
    RunTime {
        name: "R",
        program: "Rscript",
        arguments: &["-e", R],
        script: "",
        proof: Proof::Marked,
        covered: "url(), download.file, httr; curl and httr2 do not trust the certificate, so they fail",
        beside: "",
        others: Others::Proxied,
    },
    RunTime {
        name: "Java",
        program: "keytool",
        arguments: &["-printcert", "-rfc", "-sslserver", "{host}"],
        script: "",
        proof: Proof::Certificate,
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
    let outcome = |(run_time, trying): (&'static RunTime, Option<Trying>)| {
        let tried = trying.map_or(Tried::Missing, |trying| outcome(trying, end, ca_pem));
        (run_time, tried)
    };
    started.into_iter().map(outcome).collect()
}

/// A run time that is tried, and the files in which it says something: a pipe would hold a talkative one up.
struct Trying {
    run_time: &'static RunTime,
    child: Child,
    said: File,
    errors: File,
}

/// `None` when the program is not there.
fn start(run_time: &'static RunTime, domain: &DomainName, variables: &[(&str, &str)]) -> Option<Trying> {
    let host = domain.as_str();
    let url = format!("https://{host}{PATH}");
    let program = if run_time.proof == Proof::Certificate { keytool()? } else { run_time.program.into() };
    let filled = |text: &str| {
        let text = text.replace("{url}", &url).replace("{host}", host).replace("{path}", PATH);
        text.replace("{mark}", MARK)
    };
    let mut script = tempfile::tempfile().ok()?;
    script.write_all(filled(run_time.script).as_bytes()).and_then(|()| script.rewind()).ok()?;
    let (said, errors) = (tempfile::tempfile().ok()?, tempfile::tempfile().ok()?);
    let child = Command::new(program)
        .args(run_time.arguments.iter().map(|text| filled(text)))
        .envs(variables.iter().copied())
        .stdin(script)
        .stdout(said.try_clone().ok()?)
        .stderr(errors.try_clone().ok()?)
        .spawn()
        .ok()?;
    Some(Trying { run_time, child, said, errors })
}

fn outcome(mut trying: Trying, end: Instant, ca_pem: &str) -> Tried {
    let status = loop {
        match trying.child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if monotonic() < end => std::thread::sleep(PAUSE),
            _ => {
                let _ = trying.child.kill();
                let _ = trying.child.wait();
                return Tried::Fails(format!("no answer in {} s", LIMIT.as_secs()));
            }
        }
    };
    let said = text(trying.said);
    match (status.success(), trying.run_time.proof.is_in(&said, ca_pem)) {
        (true, true) => Tried::Reaches,
        (true, false) => Tried::Fails("it is answered by another server".to_owned()),
        (false, _) => {
            let why = said_last(&text(trying.errors)).or_else(|| said_last(&said));
            Tried::Fails(why.unwrap_or_else(|| format!("it ended with {status}")))
        }
    }
}

impl Proof {
    fn is_in(self, said: &str, ca_pem: &str) -> bool {
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        match self {
            Self::Marked => {
                let mut answers = said.lines().filter_map(|line| line.strip_prefix(MARK)).peekable();
                answers.peek().is_some() && answers.all(|answer| answer.trim() == ANSWER)
            }
            Self::Answer => said.contains(ANSWER),
            Self::Certificate => joined(said).contains(&joined(ca_pem)),
        }
    }
}

/// What a run time has said; what cannot be read of it is no answer.
fn text(mut file: File) -> String {
    let mut bytes = Vec::new();
    let _ = file.rewind().and_then(|()| file.take(MAX_SAID).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn said_last(text: &str) -> Option<String> {
    let line = text.lines().rfind(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(160).collect())
}

#[cfg(test)]
mod tests {
    use super::{Proof, RUN_TIMES};

    #[test]
    fn the_answer_is_known_among_what_start_up_files_print() {
        for (said, reaches) in [
            ("\nsoda-mock-check:{\"live\":true}\n", true),
            ("hello\nsoda-mock-check:{\"live\":true}\r\n[dotenv] 2 variables\nbye", true),
            ("{\"live\":true}\n", false),
            ("soda-mock-check:<html>\nthe site\n", false),
            ("soda-mock-check:{\"live\":true}\nsoda-mock-check:<html>\n", false),
            ("welcome\n", false),
            ("", false),
        ] {
            assert_eq!(Proof::Marked.is_in(said, ""), reaches, "{said}");
        }
        assert!(Proof::Answer.is_in("HTTP/1.1 200 OK\n\n{\"live\":true}200", ""));
        assert!(!Proof::Answer.is_in("<html>", ""));
        assert!(Proof::Certificate.is_in("one\n-----A\nB-----\n", "-----A\r\nB-----"));
        assert!(!Proof::Certificate.is_in("-----A\nC-----\n", "-----A\nB-----"));
    }

    /// What is proved by the mark prints it.
    #[test]
    fn programs_print_the_mark() {
        for run_time in &RUN_TIMES {
            let text = run_time.arguments.concat() + run_time.script;
            assert_eq!(run_time.proof == Proof::Marked, text.contains("{mark}"), "{}", run_time.name);
        }
    }
}
