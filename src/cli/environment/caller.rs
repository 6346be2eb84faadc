//! The environment of the caller, and what it was before an earlier `soda-mock env` changed it.

use std::collections::BTreeMap;
use std::path::Path;

/// What the name of every file and folder begins with that a variable of `soda-mock env` names.
pub(super) const MARK: &str = "soda-mock-";
/// What the name of a variable begins with that keeps a value which `soda-mock env` has replaced.
const KEPT: &str = "SODA_MOCK_OWN_";
/// The variable that tells which server stands in for which domains.
pub(crate) const REDIRECT: &str = "SODA_MOCK_REDIRECT";

/// The variables of the caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller(BTreeMap<String, String>);

impl Caller {
    /// Those of this process. Values that are no UTF-8 are left out.
    pub(crate) fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// A value; an empty one is none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The file or folder that the caller has chosen: that of the variable, unless it is one of ours; then
    /// the one that ours has replaced.
    pub(crate) fn own_path(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(path) if is_ours(path) => self.get(&format!("{KEPT}{name}")),
            chosen => chosen,
        }
    }

    /// The proxy that the caller has chosen, which is not the server of an earlier call.
    pub(crate) fn own_proxy(&self) -> Option<&str> {
        let proxy = ["https_proxy", "HTTPS_PROXY"].iter().find_map(|name| self.get(name))?;
        let server = self.get(REDIRECT).and_then(|value| value.split(' ').next());
        let is_ours = server.is_some_and(|server| proxy.trim_end_matches('/') == format!("http://{server}"));
        if is_ours { self.get(&format!("{KEPT}https_proxy")) } else { Some(proxy) }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Caller {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }
}

/// Whether `soda-mock env` has written what lies there.
pub(super) fn is_ours(path: &str) -> bool {
    Path::new(path).file_name().is_some_and(|name| name.to_string_lossy().starts_with(MARK))
}

/// The variable that keeps a replaced value.
pub(super) fn kept(name: &str) -> String {
    format!("{KEPT}{name}")
}

#[cfg(test)]
mod tests {
    use super::Caller;

    #[test]
    fn what_was_chosen_is_found_again_behind_what_has_replaced_it() {
        let first = Caller::from([("WGETRC", "/home/u/rc"), ("https_proxy", "http://proxy:3128")]);
        let second = Caller::from([
            ("WGETRC", "/data/soda-mock-wgetrc"),
            ("SODA_MOCK_OWN_WGETRC", "/home/u/rc"),
            ("https_proxy", "http://127.0.0.1:7632"),
            ("SODA_MOCK_OWN_https_proxy", "http://proxy:3128"),
            ("SODA_MOCK_REDIRECT", "127.0.0.1:7632 data.city.gov"),
        ]);
        for caller in [first, second] {
            assert_eq!(caller.own_path("WGETRC"), Some("/home/u/rc"));
            assert_eq!(caller.own_proxy(), Some("http://proxy:3128"));
        }
        let none = Caller::from([
            ("WGETRC", "/data/soda-mock-wgetrc"),
            ("HTTPS_PROXY", "http://127.0.0.1:7632/"),
            ("SODA_MOCK_REDIRECT", "127.0.0.1:7632 data.city.gov"),
        ]);
        assert_eq!((none.own_path("WGETRC"), none.own_proxy()), (None, None));
    }
}
