//! What Java needs: a list of authorities of its own kind, and the proxy as properties.

use super::caller::Caller;
use super::redirect::{Redirect, covers};
use super::{Folders, REDIRECT, Variables};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The password of Java's own list of authorities, the same everywhere; it protects nothing.
const STORE_PASSWORD: &str = "changeit";
/// Halves the time that keytool takes to start.
const QUICK_START: [&str; 2] = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"];
/// The property with the hosts that need no proxy, for https too.
const NON_PROXY_HOSTS: &str = "-Dhttp.nonProxyHosts=";

/// Adds the variable, where there is a Java.
pub(super) fn add(
    folders: &Folders,
    redirect: Option<&Redirect>,
    caller: &Caller,
    variables: &mut Variables,
) {
    if let Some(store) = trust_store(&folders.of_ca, &folders.ca) {
        variables.set("JAVA_TOOL_OPTIONS", options(&store, redirect, caller));
    }
}

/// A copy of Java's own list with the local CA in it; none without a Java. It is made once for a CA.
fn trust_store(folder: &Path, ca: &Path) -> Option<PathBuf> {
    let store = folder.join("soda-mock-java-truststore");
    let keytool = keytool()?;
    let home = keytool.parent()?.parent()?.to_owned();
    let lists = [home.join("lib/security/cacerts"), home.join("jre/lib/security/cacerts")];
    let list = lists.iter().find(|path| path.exists())?;
    // One file tells which CA and which Java it was made for; it is written last.
    let marker = folder.join("soda-mock-java-truststore.made-for");
    let made_for = format!("{}\n{}", list.display(), std::fs::read_to_string(ca).ok()?);
    if store.exists() && std::fs::read_to_string(&marker).is_ok_and(|known| known == made_for) {
        return Some(store);
    }
    let new = tempfile::NamedTempFile::new_in(folder).ok()?;
    // Read and written rather than copied: Java's list may be read-only, and its mode would come along.
    std::fs::write(new.path(), std::fs::read(list).ok()?).ok()?;
    let made = Command::new(&keytool)
        .args(QUICK_START)
        .args(["-importcert", "-noprompt", "-alias", "soda-mock", "-storepass", STORE_PASSWORD])
        .arg("-file")
        .arg(ca)
        .arg("-keystore")
        .arg(new.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !made {
        return None;
    }
    new.persist(&store).ok()?;
    std::fs::write(&marker, &made_for).ok()?;
    Some(store)
}

/// Java's tool for lists of certificates: of JAVA_HOME, else of the path, links followed.
pub(super) fn keytool() -> Option<PathBuf> {
    let name = if cfg!(windows) { "keytool.exe" } else { "keytool" };
    let home = std::env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    home.into_iter()
        .chain(std::env::split_paths(&path))
        .find_map(|folder| folder.join(name).canonicalize().ok())
}

/// The caller's options stay in front; ours of an earlier call go. Java knows no `no_proxy`, but a list of its
/// own.
fn options(store: &Path, redirect: Option<&Redirect>, caller: &Caller) -> String {
    let before = caller.get("JAVA_TOOL_OPTIONS").unwrap_or_default();
    let proxies_go = redirect.is_some() || caller.get(REDIRECT).is_some();
    let goes = |option: &str| {
        let proxy = ["-Dhttps.proxy", "-Dhttp.proxy", NON_PROXY_HOSTS].iter().any(|p| option.starts_with(p));
        option.starts_with("-Djavax.net.ssl.trustStore") || proxies_go && proxy
    };
    let own = unquoted(before);
    let mut options: Vec<String> = own.iter().filter(|option| !goes(option)).cloned().collect();
    options.push(format!("-Djavax.net.ssl.trustStore={}", store.display()));
    options.push(format!("-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"));
    if let Some(redirect) = redirect {
        let (host, port) = redirect.server.rsplit_once(':').unwrap_or((&redirect.server, "80"));
        let host = host.trim_start_matches('[').trim_end_matches(']');
        for scheme in ["https", "http"] {
            options.push(format!("-D{scheme}.proxyHost={host}"));
            options.push(format!("-D{scheme}.proxyPort={port}"));
        }
        let own = own.iter().find_map(|option| option.strip_prefix(NON_PROXY_HOSTS));
        options.push(format!("{NON_PROXY_HOSTS}{}", non_proxy_hosts(redirect, own.unwrap_or_default())));
    }
    options.iter().map(|option| quoted(option)).collect::<Vec<_>>().join(" ")
}

/// The options of `JAVA_TOOL_OPTIONS`, which white space parts outside quotation marks (documented: JVM Tool Interface,
/// "The JAVA_TOOL_OPTIONS Environment Variable").
fn unquoted(variable: &str) -> Vec<String> {
    let (mut options, mut option, mut quote) = (Vec::new(), None::<String>, None);
    for letter in variable.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                option.get_or_insert_default();
            }
            None if letter.is_whitespace() => options.extend(option.take()),
            _ => option.get_or_insert_default().push(letter),
        }
    }
    options.extend(option);
    options
}

/// An option as the variable takes it: what has white space or a quotation mark stands in the other mark.
fn quoted(option: &str) -> String {
    let mark = if option.contains('"') { '\'' } else { '"' };
    let plain = !option.contains(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    if plain { option.to_owned() } else { format!("{mark}{option}{mark}") }
}

/// The caller's list, then `no_proxy` in Java's words: `|` between them, `*` for any text at an end. Networks
/// it does not know.
fn non_proxy_hosts(redirect: &Redirect, own: &str) -> String {
    let own = own.split('|').filter(|entry| !redirect.domains.iter().any(|domain| covers(entry, domain)));
    let mut hosts: Vec<String> = own.filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
    let mut add = |host: String| {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    };
    add("127.*".to_owned());
    for entry in redirect.no_proxy.iter().filter(|entry| !entry.contains('/')) {
        let name = entry.trim_start_matches('*').trim_start_matches('.');
        if name.parse::<std::net::Ipv6Addr>().is_ok() {
            add(format!("[{name}]"));
        } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
            add(name.to_owned());
        } else {
            let name = name.split(':').next().unwrap_or_default();
            add(name.to_owned());
            add(format!("*.{name}"));
        }
    }
    hosts.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_is_told_the_proxy_and_the_hosts_without_one() {
        let redirect = Redirect {
            server: "127.0.0.1:7632".to_owned(),
            domains: vec![crate::domains::DomainName::parse("data.city.gov").unwrap()],
            own_proxy: None,
            no_proxy: ["a.gov", ".b.gov", "10.0.0.1", "10.0.0.0/8", "::1"].map(str::to_owned).to_vec(),
            dropped: Vec::new(),
        };
        let store = Path::new("/d/store");
        let own = "-Xmx1g -Dhttp.proxyHost=old -Dhttp.nonProxyHosts=*.city.gov|own.gov";
        let trust = "-Djavax.net.ssl.trustStore=/d/store -Djavax.net.ssl.trustStorePassword=changeit";
        let proxy = "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=7632 -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=7632";
        let others = "-Dhttp.nonProxyHosts=own.gov|127.*|a.gov|*.a.gov|b.gov|*.b.gov|10.0.0.1|[::1]";
        let of = |own: &str| Caller::from([("JAVA_TOOL_OPTIONS", own)]);
        let told = options(store, Some(&redirect), &of(own));
        assert_eq!(told, format!("-Xmx1g {trust} {proxy} {others}"));
        assert_eq!(options(store, Some(&redirect), &of(&told)), told);
        let after =
            Caller::from([("JAVA_TOOL_OPTIONS", told.as_str()), (REDIRECT, "127.0.0.1:7632 data.city.gov")]);
        assert_eq!(options(store, None, &after), format!("-Xmx1g {trust}"));
        assert_eq!(options(store, None, &of(own)), format!("{own} {trust}"));
    }

    #[test]
    fn folders_and_options_with_blanks_stand_in_quotation_marks() {
        let password = "-Djavax.net.ssl.trustStorePassword=changeit";
        let own = Caller::from([("JAVA_TOOL_OPTIONS", "-Da='x y' -Db=1")]);
        for (store, quoted) in [
            ("/home/Jane Doe/store", "\"-Djavax.net.ssl.trustStore=/home/Jane Doe/store\""),
            ("/home/O'Brien/store", "\"-Djavax.net.ssl.trustStore=/home/O'Brien/store\""),
            ("/a \"b\"/store", "'-Djavax.net.ssl.trustStore=/a \"b\"/store'"),
        ] {
            let told = options(Path::new(store), None, &own);
            assert_eq!(told, format!("\"-Da=x y\" -Db=1 {quoted} {password}"));
            let again = Caller::from([("JAVA_TOOL_OPTIONS", told.as_str())]);
            assert_eq!(options(Path::new(store), None, &again), told);
        }
    }
}
