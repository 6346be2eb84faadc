//! What PHP, R and wget need beyond a variable with a bundle: each has a list of its own.

use super::caller::{Caller, is_ours};
use super::redirect::Redirect;
use super::{Folders, Variables, write_below};
use crate::cli::CliError;
use crate::cli::files::Readers;
use std::path::{Path, PathBuf};

/// Adds the variables, after the files that they name were written.
pub(super) fn add(
    folders: &Folders,
    redirect: Option<&Redirect>,
    caller: &Caller,
    variables: &mut Variables,
) -> Result<(), CliError> {
    let bundle = folders.bundle.display().to_string();
    variables.set("PHP_INI_SCAN_DIR", php(&folders.own, &bundle, redirect.is_some(), caller)?);
    let profile = r(&folders.own, &bundle, redirect)?;
    variables.replace(caller, "R_PROFILE_USER", profile);
    variables.replace(caller, "WGETRC", wget(&folders.own, &bundle, caller)?);
    Ok(())
}

/// The file that PHP loads before every program.
const PHP_PREPEND: &str = include_str!("preload/soda-mock-prepend.php");

/// PHP's curl reads its bundle from an ini file only. The folder is added to the usual ones: an
/// empty entry in front stands for those that were built in. Where a domain is named, a file that is loaded before
/// every program leads curl through SOCKS, and PHP's streams (`file_get_contents`, `fopen`) are switched off: they
/// read no proxy from the environment, so they would reach the real site.
fn php(folder: &Path, bundle: &str, redirected: bool, caller: &Caller) -> Result<String, CliError> {
    let own = folder.join("soda-mock-php");
    let bundle = bundle.replace('"', "");
    let mut text = format!("curl.cainfo = \"{bundle}\"\nopenssl.cafile = \"{bundle}\"\n");
    if redirected {
        let prepend = own.join("soda-mock-prepend.php");
        write_below(&prepend, PHP_PREPEND, Readers::All)?;
        text.push_str(&format!(
            "auto_prepend_file = \"{}\"\n; Streams know no proxy and would reach the real site; curl does not.\nallow_url_fopen = Off\n",
            prepend.display().to_string().replace('"', "")
        ));
    }
    let path = own.join("soda-mock.ini");
    write_below(&path, &text, Readers::All)?;
    let separator = if cfg!(windows) { ';' } else { ':' };
    let before = caller.get("PHP_INI_SCAN_DIR").unwrap_or_default().split(separator);
    let mut folders: Vec<String> = before.filter(|path| !is_ours(path)).map(str::to_owned).collect();
    folders.push(own.display().to_string());
    Ok(folders.join(&separator.to_string()))
}

/// R's curl ignores every variable with a bundle, so httr is told when it is loaded; the profile that R would
/// have read comes first.
fn r(folder: &Path, bundle: &str, redirect: Option<&Redirect>) -> Result<String, CliError> {
    let path = folder.join("soda-mock-Rprofile");
    let mut settings = format!("cainfo = \"{}\"", bundle.replace('\\', "/").replace('"', ""));
    if let Some(redirect) = redirect.filter(|r| r.others_are_direct()) {
        let to = |domain| format!("\"{domain}::{}\"", redirect.server);
        let list: Vec<String> = redirect.domains.iter().map(to).collect();
        settings.push_str(&format!(", connect_to = c({}), noproxy = \"*\"", list.join(", ")));
    }
    let text = format!(
        "local({{
  own <- Filter(file.exists, c(Sys.getenv(\"SODA_MOCK_OWN_R_PROFILE_USER\"), \".Rprofile\", \"~/.Rprofile\"))
  if (length(own) > 0) sys.source(own[[1]], envir = globalenv())
  setHook(packageEvent(\"httr\", \"onLoad\"), function(...) {{
    httr::set_config(httr::config({settings}))
  }})
}})
"
    );
    write_below(&path, &text, Readers::All)?;
    Ok(path.display().to_string())
}

/// wget built with GnuTLS reads its bundle from its own file only. The caller's file goes in front; it may hold
/// a password.
fn wget(folder: &Path, bundle: &str, caller: &Caller) -> Result<String, CliError> {
    let path = folder.join("soda-mock-wgetrc");
    let own = match caller.own_path("WGETRC") {
        Some(path) => Some(PathBuf::from(path)),
        None => caller.get("HOME").map(|home| Path::new(home).join(".wgetrc")),
    };
    let own = own.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let text = format!("{}\nca_certificate = {bundle}\n", own.trim_end());
    write_below(&path, text.trim_start(), Readers::Owner)?;
    Ok(path.display().to_string())
}
