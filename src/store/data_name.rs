//! Names of data files that SQLite, or whoever wrote them, takes for something else than a file's path.

use std::path::Path;

/// A data file cannot be named like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataNameError {
    /// No name.
    #[error(
        "--data is empty; name a file, such as --data soda-mock.db, or leave --data and SODA_MOCK_DATA out"
    )]
    Empty,
    /// A database in memory.
    #[error(
        "--data {0} names no file; leave --data out for data that is gone at the end, or name a file, such as --data soda-mock.db"
    )]
    Memory(String),
    /// A name that SQLite keeps for itself.
    #[error(
        "--data {0}: names that begin with a colon are SQLite's own; for a file of that name write --data ./{0}"
    )]
    Colon(String),
    /// A URI.
    #[error("--data {name} is a URI; name the file by its path, such as --data {path}")]
    Uri {
        /// As given.
        name: String,
        /// The path in it.
        path: String,
    },
}

/// Refuses a name that is not a path.
pub fn check_data_name(path: &Path) -> Result<(), DataNameError> {
    let name = path.to_string_lossy();
    if name.is_empty() {
        return Err(DataNameError::Empty);
    }
    let uri = name.split_once(':').filter(|(scheme, _)| is_scheme(scheme));
    let target = uri.map_or(name.as_ref(), |(_, rest)| rest.split('?').next().unwrap_or(""));
    if target.eq_ignore_ascii_case(":memory:") || uri.is_some_and(|(_, rest)| rest.contains("mode=memory")) {
        return Err(DataNameError::Memory(name.into_owned()));
    }
    match uri {
        Some((_, rest)) => Err(DataNameError::Uri { path: path_of(rest), name: name.into_owned() }),
        None if name.starts_with(':') => Err(DataNameError::Colon(name.into_owned())),
        None => Ok(()),
    }
}

/// Whether the text before a colon is the scheme of a URI. A single letter is a drive.
fn is_scheme(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && text.len() > 1
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// What stands for the path in a URI, behind its scheme.
fn path_of(rest: &str) -> String {
    let path = rest.split(['?', '#']).next().unwrap_or("");
    let path = path.strip_prefix("//localhost/").map_or(path, |_| &path["//localhost".len()..]);
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() { "soda-mock.db".to_owned() } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{DataNameError, check_data_name};
    use std::path::Path;

    #[test]
    fn paths_are_taken_and_other_names_are_refused_with_what_to_give_instead() {
        for path in ["d.db", "./:memory:", "/tmp/file:x", "C:\\data\\d.db", "2024:1.db", "a b.db", "x/a:b"] {
            assert_eq!(check_data_name(Path::new(path)), Ok(()), "{path}");
        }
        for (name, told) in [
            ("", "soda-mock.db"),
            (":memory:", "leave --data out"),
            (":MEMORY:", "leave --data out"),
            ("file::memory:?cache=shared", "leave --data out"),
            ("file:x?mode=memory&cache=shared", "leave --data out"),
            (":temp", "--data ./:temp"),
            ("file:d.db", "--data d.db"),
            ("file:d.db?mode=ro#x", "--data d.db"),
            ("file:///tmp/d.db", "--data /tmp/d.db"),
            ("file://localhost/tmp/d.db", "--data /tmp/d.db"),
            ("FILE:d.db", "--data d.db"),
            ("sqlite:///d.db", "--data /d.db"),
            ("file:", "--data soda-mock.db"),
        ] {
            let refused: DataNameError = check_data_name(Path::new(name)).unwrap_err();
            let sentence = refused.to_string();
            assert!(sentence.contains(name) && sentence.contains(told), "{sentence}");
        }
    }
}
