//! Which server stands in for which domains, and the variables that lead programs there.

use super::caller::{Caller, REDIRECT, is_ours};
use super::{Variables, write_below};
use crate::cli::CliError;
use crate::cli::files::Readers;
use crate::domains::DomainName;
use http::Uri;
use std::path::{Path, PathBuf};

/// Hosts that no proxy is needed for.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Preloads: the file of each run time, and its name.
const NODE: (&str, &str) = ("soda-mock-redirect.cjs", include_str!("preload/soda-mock-redirect.cjs"));
const PYTHON: (&str, &str) = ("soda-mock-python/sitecustomize.py", include_str!("preload/sitecustomize.py"));
const RUBY: (&str, &str) = ("soda-mock-redirect.rb", include_str!("preload/soda-mock-redirect.rb"));

/// A server in place of domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// `HOST:PORT` of the server.
    pub server: String,
    pub domains: Vec<DomainName>,
    /// The proxy that the caller needs for other hosts.
    pub own_proxy: Option<String>,
    /// Hosts without a proxy: the caller's and those of this machine.
    pub no_proxy: Vec<String>,
    /// What the caller's `no_proxy` held and would have led past the server.
    pub dropped: Vec<String>,
}

impl Redirect {
    /// Of the server at `root` in place of `domains`; none without a domain.
    pub(crate) fn new(root: &str, domains: &[DomainName], caller: &Caller) -> Result<Option<Self>, CliError> {
        if domains.is_empty() {
            return Ok(None);
        }
        let server = authority(root)?;
        let host = server.rsplit_once(':').map_or(&*server, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (no_proxy, dropped) = no_proxy(domains, host, caller);
        Ok(Some(Self {
            server,
            domains: domains.to_vec(),
            own_proxy: caller.own_proxy().map(str::to_owned),
            no_proxy,
            dropped,
        }))
    }

    /// Whether other hosts can be reached without any proxy.
    pub(crate) fn others_are_direct(&self) -> bool {
        self.own_proxy.is_none()
    }

    /// Adds the variables, after the files that they name were written into `folder`.
    pub(crate) fn add(
        &self,
        folder: &Path,
        caller: &Caller,
        variables: &mut Variables,
    ) -> Result<(), CliError> {
        // Both schemes have one port, and it answers CONNECT without TLS. Ruby's Net::HTTP reads http_proxy
        // for https too, and not https_proxy (client evidence); some programs prefer one case.
        for name in ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] {
            variables.set(name, format!("http://{}", self.server));
        }
        for name in ["no_proxy", "NO_PROXY"] {
            variables.set(name, self.no_proxy.join(","));
        }
        if let Some(proxy) = &self.own_proxy {
            variables.keep("https_proxy", proxy.clone());
        }
        let domains: Vec<&str> = self.domains.iter().map(DomainName::as_str).collect();
        variables.set(REDIRECT, format!("{} {}", self.server, domains.join(" ")));
        variables.set("SODA_MOCK_OTHERS", if self.others_are_direct() { "direct" } else { "proxy" });
        variables.set("NODE_USE_ENV_PROXY", "1");
        let node = preload(folder, NODE)?.display().to_string().replace('\\', "/");
        variables.set("NODE_OPTIONS", node_options(caller, &node));
        let python = preload(folder, PYTHON)?;
        variables.set("PYTHONPATH", python_path(caller, python.parent().unwrap_or(folder)));
        let ruby = preload(folder, RUBY)?.display().to_string();
        if ruby.contains(char::is_whitespace) {
            return Ok(());
        }
        variables.set("RUBYOPT", ruby_options(caller, &ruby));
        Ok(())
    }

    /// The file for curl's command line, which reaches other hosts directly; its folder goes into CURL_HOME.
    pub(crate) fn add_curl(
        &self,
        folder: &Path,
        caller: &Caller,
        variables: &mut Variables,
    ) -> Result<(), CliError> {
        if !self.others_are_direct() {
            return Ok(());
        }
        let own = own_curl_file(caller);
        let mut text = String::from("# soda-mock stands in for these domains; other hosts need no proxy.\n");
        if let Some(own) = &own {
            text.push_str(&format!("config = {:?}\n", own.display().to_string()));
        }
        text.push_str("noproxy = \"*\"\n");
        for domain in &self.domains {
            text.push_str(&format!("connect-to = \"{domain}::{}\"\n", self.server));
        }
        let home = folder.join("soda-mock-curl");
        let path = home.join(".curlrc");
        write_below(&path, &text, Readers::All)?;
        variables.replace(caller, "CURL_HOME", home.display().to_string());
        Ok(())
    }
}

fn preload(folder: &Path, (name, text): (&str, &str)) -> Result<PathBuf, CliError> {
    let path = folder.join(name);
    write_below(&path, text, Readers::All)?;
    Ok(path)
}

/// `HOST:PORT` of an address.
pub(crate) fn authority(root: &str) -> Result<String, CliError> {
    let uri: Option<Uri> = root.parse().ok();
    let uri = uri.filter(|uri| uri.host().is_some());
    let uri = uri.ok_or_else(|| {
        CliError::Usage(format!("{root} is no address of a server; write it as http://127.0.0.1:7632"))
    })?;
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    Ok(format!("{}:{port}", uri.host().unwrap_or_default()))
}

/// What the caller has chosen, this machine and the server's, without the entries that a domain falls under.
fn no_proxy(domains: &[DomainName], server: &str, caller: &Caller) -> (Vec<String>, Vec<String>) {
    let chosen = ["no_proxy", "NO_PROXY"].into_iter().filter_map(|name| caller.get(name));
    let chosen = chosen.flat_map(|list| list.split([',', ' '])).filter(|entry| !entry.is_empty());
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    for entry in chosen.chain(LOCAL).chain([server]) {
        let list = if domains.iter().any(|domain| covers(entry, domain)) { &mut dropped } else { &mut kept };
        if !list.iter().any(|known| known == entry) {
            list.push(entry.to_owned());
        }
    }
    (kept, dropped)
}

/// Whether programs take a host for one without a proxy because of this entry; they differ in whether a name
/// stands for what lies below it, so it does.
pub(super) fn covers(entry: &str, domain: &DomainName) -> bool {
    let entry = entry.to_ascii_lowercase();
    let name = entry.split(':').next().unwrap_or_default();
    let name = name.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
    let domain = domain.as_str();
    entry.starts_with('*') && name.is_empty()
        || !name.is_empty()
            && (domain == name || domain.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')))
}

/// The caller's options, then the preload. Node reads quotes as a shell does.
fn node_options(caller: &Caller, path: &str) -> String {
    let mut own = caller.get("NODE_OPTIONS").unwrap_or_default().to_owned();
    // That of an earlier call goes.
    let earlier = own.find(NODE.0).and_then(|at| {
        let start = own[..at].rfind("--require=\"")?;
        let end = at + own[at..].find('"')? + 1;
        Some(start..end)
    });
    if let Some(range) = earlier {
        own.replace_range(range, "");
    }
    let path = path.replace('\\', "\\\\");
    format!("{} --require=\"{path}\"", own.trim()).trim_start().to_owned()
}

fn ruby_options(caller: &Caller, path: &str) -> String {
    let own = caller.get("RUBYOPT").unwrap_or_default().split_whitespace();
    let own = own.filter(|word| !word.contains(RUBY.0));
    own.map(str::to_owned).chain([format!("-r{path}")]).collect::<Vec<_>>().join(" ")
}

fn python_path(caller: &Caller, folder: &Path) -> String {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let own = caller.get("PYTHONPATH").unwrap_or_default().split(separator);
    let own = own.filter(|path| !path.is_empty() && !is_ours(path));
    let folder = folder.display().to_string();
    std::iter::once(folder.as_str()).chain(own).collect::<Vec<_>>().join(&separator.to_string())
}

/// The file that curl would read: that of CURL_HOME, of XDG_CONFIG_HOME, of HOME.
fn own_curl_file(caller: &Caller) -> Option<PathBuf> {
    let places = [
        caller.own_path("CURL_HOME").map(|home| Path::new(home).join(".curlrc")),
        caller.get("XDG_CONFIG_HOME").map(|home| Path::new(home).join(".curlrc")),
        caller.get("XDG_CONFIG_HOME").map(|home| Path::new(home).join("curlrc")),
        caller.get("HOME").map(|home| Path::new(home).join(".curlrc")),
        caller.get("HOME").map(|home| Path::new(home).join(".config/curlrc")),
    ];
    places.into_iter().flatten().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(names: &[&str]) -> Vec<DomainName> {
        names.iter().map(|name| DomainName::parse(name).unwrap()).collect()
    }

    #[test]
    fn the_callers_no_proxy_is_kept_but_for_what_a_domain_falls_under() {
        let named = domains(&["data.city.gov"]);
        for entry in [
            "*",
            "gov",
            ".city.gov",
            "city.gov",
            "*.city.gov",
            "data.city.gov",
            "DATA.city.gov:443",
            "data.city.gov.",
        ] {
            let (kept, dropped) = no_proxy(&named, "mock", &Caller::from([("no_proxy", entry)]));
            assert_eq!(
                (kept.join(","), dropped),
                ("localhost,127.0.0.1,::1,mock".to_owned(), vec![entry.to_owned()])
            );
        }
        let caller = Caller::from([
            ("no_proxy", "a.gov, ty.gov,x.data.city.gov"),
            ("NO_PROXY", "10.0.0.0/8,a.gov,::1"),
        ]);
        let (kept, dropped) = no_proxy(&named, "mock", &caller);
        let expected = "a.gov,ty.gov,x.data.city.gov,10.0.0.0/8,::1,localhost,127.0.0.1,mock";
        assert_eq!((kept.join(","), dropped), (expected.to_owned(), vec![]));
    }

    #[test]
    fn options_of_the_caller_stay_and_a_second_call_adds_nothing() {
        let path = "/a b/soda-mock-redirect.cjs";
        for (own, expected) in [
            ("", format!("--require=\"{path}\"")),
            ("--max-old-space-size=4096", format!("--max-old-space-size=4096 --require=\"{path}\"")),
            ("--require=\"./own file.js\"", format!("--require=\"./own file.js\" --require=\"{path}\"")),
        ] {
            let once = node_options(&Caller::from([("NODE_OPTIONS", own)]), path);
            assert_eq!(once, expected);
            assert_eq!(node_options(&Caller::from([("NODE_OPTIONS", once.as_str())]), path), expected);
        }
        let folder = Path::new("/data/soda-mock-python");
        let once = python_path(&Caller::from([("PYTHONPATH", "/own:/lib")]), folder);
        assert_eq!(once, "/data/soda-mock-python:/own:/lib");
        assert_eq!(python_path(&Caller::from([("PYTHONPATH", once.as_str())]), folder), once);
        let once = ruby_options(&Caller::from([("RUBYOPT", "-W0 -rown")]), "/d/soda-mock-redirect.rb");
        assert_eq!(once, "-W0 -rown -r/d/soda-mock-redirect.rb");
        assert_eq!(
            ruby_options(&Caller::from([("RUBYOPT", once.as_str())]), "/d/soda-mock-redirect.rb"),
            once
        );
    }

    #[test]
    fn the_server_is_told_by_host_and_port() {
        for (root, server) in [
            ("http://127.0.0.1:7632", "127.0.0.1:7632"),
            ("https://localhost:7632", "localhost:7632"),
            ("http://[::1]:7632", "[::1]:7632"),
            ("http://mock", "mock:80"),
            ("https://mock", "mock:443"),
        ] {
            assert_eq!(authority(root).unwrap(), server);
        }
        assert!(authority("/nowhere").is_err());
    }
}
