//! What a write ignores, as production does, although its sender meant something by it.

use crate::codec::Warnings;
use crate::http::exchange::RequestHead;

/// Parameters that mean something on every write or are sent by published clients with any request.
const ALWAYS: [&str; 5] = ["expectedDataVersion", "$$version", "$$app_token", "app_token", "nbe"];
/// Parameters of the upload of a whole payload.
pub const UPLOAD: [&str; 4] = ["errorsAreFatal", "nonFatalRowErrors[]", "truncate", "mergeInsteadOfReplace"];
/// Those of them that a replace knows.
pub const REPLACE: [&str; 2] = ["errorsAreFatal", "nonFatalRowErrors[]"];

/// Sentences for `X-Mock-Warning` (ours) about parameters and headers without effect; `known` are the
/// parameters of the route.
pub fn warnings(head: &RequestHead, known: &[&str]) -> Warnings {
    let mut warnings = Warnings::new();
    for (name, value) in head.query() {
        let is_known = ALWAYS.contains(&name.as_str()) || known.contains(&name.as_str());
        if !is_known {
            warnings.insert(unknown(name, known));
        } else if name == "expectedDataVersion" && value.trim().parse::<i64>().is_err() {
            warnings.insert(no_version("expectedDataVersion"));
        }
    }
    if head.header("x-soda2-truth-version").is_some_and(|v| v.trim().parse::<i64>().is_err()) {
        warnings.insert(no_version("X-SODA2-Truth-Version"));
    }
    if head.header("x-mock-report").is_some_and(|v| !v.eq_ignore_ascii_case("rows")) {
        warnings.insert("X-Mock-Report knows only the value rows; the counts are told".to_owned());
    }
    warnings
}

fn no_version(place: &str) -> String {
    format!("{place} is no whole number and was ignored, as production does")
}

fn unknown(name: &str, known: &[&str]) -> String {
    let shown: String = name.chars().take(60).collect();
    if UPLOAD.contains(&name) {
        return format!("the parameter {shown} has no effect on this request");
    }
    let near = ALWAYS.iter().chain(known).find(|k| letters(k) == letters(name));
    match near {
        Some(meant) => format!("the parameter {shown} is not known and was ignored; did you mean {meant}?"),
        None => format!("the parameter {shown} is not known to a write and was ignored"),
    }
}

/// A name without what is often misspelt: case, brackets, dollar signs.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}
