//! A data file of `serve --data`, opened without a server and without changing it.

use super::CliError;
use crate::access::Reader;
use crate::api::Row;
use crate::consumer::{Facts, ReadFormat, for_each_row, plan, run};
use crate::memory::Memory;
use crate::soql::Adaptation;
use crate::store::{Catalogue, DataNameError, Entry, Select, StoreError, StoredFile, check_data_name};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open data file.
pub(super) struct DataFile {
    path: PathBuf,
    file: StoredFile,
    catalogue: Catalogue,
}

impl DataFile {
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        check_data_name(path).map_err(|error| wrong_name(&error))?;
        if !path.is_file() {
            return Err(CliError::Data(format!(
                "{}: there is no such file; `soda-mock serve --data FILE` makes one",
                path.display()
            )));
        }
        let fault = |error: StoreError| {
            CliError::Data(format!("{}: {error}; is it a file of `soda-mock serve --data`?", path.display()))
        };
        let file = StoredFile::open(path, &Memory::default()).map_err(fault)?;
        file.check_format().map_err(|error| CliError::Data(format!("{}: {error}", path.display())))?;
        let catalogue = file.read(|tx| Catalogue::load(tx, false)).map_err(fault)?;
        Ok(Self { path: path.to_owned(), file, catalogue })
    }

    /// A dataset by its id or resource name.
    pub(super) fn dataset(&self, name: &str) -> Result<Arc<Entry>, CliError> {
        self.catalogue.find(name).cloned().ok_or_else(|| {
            let all: Vec<&str> = self.catalogue.all().iter().map(|e| e.dataset.id.as_str()).collect();
            CliError::Refused(format!(
                "{} holds no dataset {name}; it holds {}",
                self.path.display(),
                all.join(", ")
            ))
        })
    }

    /// How many rows a dataset has.
    pub(super) fn count(&self, entry: &Entry) -> Result<u64, CliError> {
        self.file.read(|tx| tx.row_count(&entry.dataset)).map_err(|e| self.fault(&e))
    }

    /// Writes rows, those after an `:id` if one is given.
    pub(super) fn write_rows(
        &self,
        entry: &Entry,
        after: Option<&str>,
        limit: i64,
        format: ReadFormat,
        out: &mut dyn std::io::Write,
    ) -> Result<(), CliError> {
        let after = match after {
            None => -1,
            Some(id) => entry
                .cipher
                .parse_row_id(id)
                .ok_or_else(|| CliError::Usage(format!("--after {id}: that is no :id of this dataset")))?,
        };
        let facts = Facts::new(Select::stored(&entry.dataset, after, limit), format);
        let mut written = Ok(());
        let piece = |piece: Vec<u8>| {
            written = out.write_all(&piece);
            written.is_ok()
        };
        self.file.read(|tx| run(tx, entry, &facts, |_, _| true, piece)).map_err(|e| self.fault(&e))?;
        written.map_err(CliError::of_output)
    }

    /// Answers a query, given as the parameters of `GET /resource/{4x4}`. `Refused` when it is wrong.
    pub(super) fn query(
        &self,
        entry: &Entry,
        parameters: &[(&str, Option<String>)],
    ) -> Result<Vec<Row>, CliError> {
        let given = parameters.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
        let query: Vec<(String, String)> = given.collect();
        let question = plan::Question {
            entry,
            catalogue: &self.catalogue,
            reader: &Reader::Unrestricted,
            query: &query,
            text: None,
            adaptation: Adaptation::default(),
            format: ReadFormat::Json,
            now_ms: crate::clock::system_ms(),
        };
        let facts = plan::rows(&question).map_err(|e| CliError::Refused(e.sentence()))?;
        let mut rows = Vec::new();
        let read = self.file.read(|tx| for_each_row(tx, entry, &facts, |row| rows.push(row)));
        read.map_err(|e| self.fault(&e))?;
        Ok(rows)
    }

    fn fault(&self, error: &dyn std::fmt::Display) -> CliError {
        CliError::Data(format!("{}: {error}", self.path.display()))
    }
}

/// The refusal of a name that is given with `--data`, and what to give instead.
pub(super) fn wrong_name(error: &DataNameError) -> CliError {
    const EXAMPLE: &str = "name a file, such as --data soda-mock.db";
    CliError::Data(match error {
        DataNameError::Empty => {
            format!("--data is empty; {EXAMPLE}, or leave --data and SODA_MOCK_DATA out")
        }
        DataNameError::Memory(name) => format!(
            "--data {name} names no file; leave --data out for data that is gone at the end, or {EXAMPLE}"
        ),
        DataNameError::Colon(name) => format!(
            "--data {name}: names that begin with a colon are SQLite's own; for a file of that name write --data ./{name}"
        ),
        DataNameError::Uri { name, path } => {
            format!("--data {name} is a URI; name the file by its path, such as --data {path}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::wrong_name;
    use crate::store::check_data_name;
    use std::path::Path;

    #[test]
    fn a_name_that_is_no_path_is_refused_with_what_to_give_instead() {
        for (name, told) in [
            ("", "soda-mock.db"),
            (":memory:", "leave --data out"),
            (":temp", "--data ./:temp"),
            ("file:///tmp/d.db", "--data /tmp/d.db"),
        ] {
            let sentence = wrong_name(&check_data_name(Path::new(name)).unwrap_err()).to_string();
            assert!(sentence.contains(name) && sentence.contains(told), "{sentence}");
        }
    }
}
