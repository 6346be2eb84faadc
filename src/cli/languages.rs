//! What Java, PHP and R need beyond a variable with a bundle: each has a list of its own.

use super::CliError;
use super::trust::write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The password of Java's own list of authorities, the same everywhere; it protects nothing.
const STORE_PASSWORD: &str = "changeit";

/// The variables, after the files that they name were written into `folder`. `proxy` is the
/// server's address where it stands in for a domain.
pub fn variables(
    folder: &Path,
    bundle: &str,
    ca: &Path,
    proxy: Option<&str>,
) -> Result<Vec<(&'static str, String)>, CliError> {
    let mut variables = vec![("PHP_INI_SCAN_DIR", php(folder, bundle)?)];
    // A profile that somebody chose is not pushed aside.
    if std::env::var_os("R_PROFILE_USER").is_none_or(|set| Path::new(&set).starts_with(folder)) {
        variables.push(("R_PROFILE_USER", r(folder, bundle)?));
    }
    if let Some(store) = java_store(folder, ca) {
        variables.push(("JAVA_TOOL_OPTIONS", java_options(&store, proxy)));
    }
    Ok(variables)
}

/// PHP's curl reads its bundle from an ini file only. The folder is added to the usual ones: an
/// empty entry in front stands for those that were built in.
fn php(folder: &Path, bundle: &str) -> Result<String, CliError> {
    let own = folder.join("php");
    let bundle = bundle.replace('"', "");
    write(
        &own.join("soda-mock.ini"),
        &format!("curl.cainfo = \"{bundle}\"\nopenssl.cafile = \"{bundle}\"\n"),
    )?;
    let separator = if cfg!(windows) { ';' } else { ':' };
    let own = own.display().to_string();
    let before = std::env::var("PHP_INI_SCAN_DIR").unwrap_or_default();
    let before = before.strip_suffix(&own).map_or(before.as_str(), |rest| rest.trim_end_matches(separator));
    Ok(format!("{before}{separator}{own}"))
}

/// R's curl ignores every variable, so httr is told when it is loaded; the profile that R would
/// have read comes first.
fn r(folder: &Path, bundle: &str) -> Result<String, CliError> {
    let path = folder.join("soda-mock.Rprofile");
    let quoted = bundle.replace('\\', "/").replace('"', "");
    let text = format!(
        "local({{
  own <- Filter(file.exists, c(\".Rprofile\", \"~/.Rprofile\"))
  if (length(own) > 0) sys.source(own[[1]], envir = globalenv())
  bundle <- \"{quoted}\"
  setHook(packageEvent(\"httr\", \"onLoad\"), function(...) {{
    httr::set_config(httr::config(cainfo = bundle))
  }})
}})
"
    );
    write(&path, &text)?;
    Ok(path.display().to_string())
}

/// A copy of Java's own list with the local CA in it; none without a Java. It is made once for a CA.
fn java_store(folder: &Path, ca: &Path) -> Option<PathBuf> {
    let keytool = keytool()?;
    let store = folder.join("java-truststore");
    let marker = folder.join("java-truststore.pem");
    let pem = std::fs::read(ca).ok()?;
    if store.exists() && std::fs::read(&marker).is_ok_and(|made_for| made_for == pem) {
        return Some(store);
    }
    let home = keytool.parent()?.parent()?.to_owned();
    let lists = [home.join("lib/security/cacerts"), home.join("jre/lib/security/cacerts")];
    let list = lists.iter().find(|path| path.exists())?;
    // Read and written rather than copied: Java's list may be read-only, and its mode would come along.
    std::fs::write(&store, std::fs::read(list).ok()?).ok()?;
    let made = Command::new(&keytool)
        .args(["-importcert", "-noprompt", "-alias", "soda-mock", "-storepass", STORE_PASSWORD])
        .arg("-file")
        .arg(ca)
        .arg("-keystore")
        .arg(&store)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    made.then(|| std::fs::write(&marker, &pem).ok())??;
    Some(store)
}

/// Java's tool for lists of certificates: of JAVA_HOME, else of the path, links followed.
fn keytool() -> Option<PathBuf> {
    let name = if cfg!(windows) { "keytool.exe" } else { "keytool" };
    let home = std::env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    home.into_iter()
        .chain(std::env::split_paths(&path))
        .find_map(|folder| folder.join(name).canonicalize().ok())
}

/// Options that somebody chose stay in front; our own of an earlier call go.
fn java_options(store: &Path, proxy: Option<&str>) -> String {
    let before = std::env::var("JAVA_TOOL_OPTIONS").unwrap_or_default();
    let ours = ["-Djavax.net.ssl.trustStore", "-Dhttps.proxy"];
    let mut options: Vec<String> = before
        .split_whitespace()
        .filter(|option| !ours.iter().any(|prefix| option.starts_with(prefix)))
        .map(str::to_owned)
        .collect();
    options.push(format!("-Djavax.net.ssl.trustStore={}", store.display()));
    options.push(format!("-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"));
    if let Some((host, port)) =
        proxy.and_then(|url| url.strip_prefix("http://")).and_then(|a| a.rsplit_once(':'))
    {
        options.push(format!("-Dhttps.proxyHost={host}"));
        options.push(format!("-Dhttps.proxyPort={}", port.trim_end_matches('/')));
    }
    options.join(" ")
}
