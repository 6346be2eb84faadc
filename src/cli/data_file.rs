//! A data file of `serve --data`, opened without a server and without changing it.

use super::CliError;
use crate::access::Reader;
use crate::api::Row;
use crate::consumer::{Facts, ReadFormat, plan, run};
use crate::memory::Memory;
use crate::soql::Adaptation;
use crate::store::{Catalogue, Entry, Select, StoreError, StoredFile, check_data_name};
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
        check_data_name(path).map_err(|e| CliError::Data(e.to_string()))?;
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
        let mut text = Vec::new();
        let piece = |piece: Vec<u8>| {
            text.extend(piece);
            true
        };
        self.file.read(|tx| run(tx, entry, &facts, |_, _| true, piece)).map_err(|e| self.fault(&e))?;
        serde_json::from_slice(&text).map_err(|e| self.fault(&e))
    }

    fn fault(&self, error: &dyn std::fmt::Display) -> CliError {
        CliError::Data(format!("{}: {error}", self.path.display()))
    }
}
