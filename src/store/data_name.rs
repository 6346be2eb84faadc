//! Names of data files that SQLite, or whoever wrote them, takes for something else than a file's path.

use std::path::Path;

/// A data file cannot be named like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataNameError {
    /// No name.
    #[error("the name of the data file is empty")]
    Empty,
    /// A database in memory.
    #[error("{0} names no data file but a database in memory")]
    Memory(String),
    /// A name that SQLite keeps for itself.
    #[error("{0}: names that begin with a colon are SQLite's own; a file of that name is ./{0}")]
    Colon(String),
    /// A URI.
    #[error("{name} is a URI; name the data file by its path, such as {path}")]
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
        let memory = |name: &str| DataNameError::Memory(name.to_owned());
        let uri =
            |name: &str, path: &str| DataNameError::Uri { name: name.to_owned(), path: path.to_owned() };
        for (name, expected) in [
            ("", DataNameError::Empty),
            (":memory:", memory(":memory:")),
            (":MEMORY:", memory(":MEMORY:")),
            ("file::memory:?cache=shared", memory("file::memory:?cache=shared")),
            ("file:x?mode=memory&cache=shared", memory("file:x?mode=memory&cache=shared")),
            (":temp", DataNameError::Colon(":temp".to_owned())),
            ("file:d.db", uri("file:d.db", "d.db")),
            ("file:d.db?mode=ro#x", uri("file:d.db?mode=ro#x", "d.db")),
            ("file:///tmp/d.db", uri("file:///tmp/d.db", "/tmp/d.db")),
            ("file://localhost/tmp/d.db", uri("file://localhost/tmp/d.db", "/tmp/d.db")),
            ("FILE:d.db", uri("FILE:d.db", "d.db")),
            ("sqlite:///d.db", uri("sqlite:///d.db", "/d.db")),
            ("file:", uri("file:", "soda-mock.db")),
        ] {
            assert_eq!(check_data_name(Path::new(name)), Err(expected), "{name}");
        }
    }
}
