//! Who asks, and what the paths name.

use crate::http::error::ApiError;
use crate::http::exchange::RequestContext;
use crate::publishing::{Asker, missing};
use crate::store::publishing::{self as objects, ImportConfig, Revision};
use crate::store::{Entry, ReadTx, StoreError};
use std::sync::Arc;

/// A revision with its dataset.
pub struct Found {
    /// The dataset.
    pub entry: Arc<Entry>,
    /// The revision.
    pub revision: Revision,
}

impl Found {
    /// The dataset's id.
    pub fn fourfour(&self) -> &str {
        self.entry.dataset.id.as_str()
    }
}

impl RequestContext {
    /// Who asks; refused when nobody signs in.
    pub(super) fn asker(&self) -> Result<Asker, ApiError> {
        let (name, _) = self.user()?;
        Ok(Asker { name: name.to_owned(), request_id: self.id.to_string(), now: self.now_ms() })
    }

    /// The dataset, for someone who may see its revisions.
    pub(super) fn seen(&self, id: &str) -> Result<Arc<Entry>, ApiError> {
        self.user()?;
        let entry = self.entry(id)?;
        self.allowed(self.caller().may_write_rows(&entry.dataset))?;
        self.trace().dataset = Some(entry.dataset.id.as_str().into());
        Ok(entry)
    }

    /// The dataset, for someone who may make revisions of it.
    pub(super) fn revisable(&self, id: &str) -> Result<Arc<Entry>, ApiError> {
        self.user()?;
        let entry = self.writable(id)?;
        self.trace().dataset = Some(entry.dataset.id.as_str().into());
        Ok(entry)
    }

    /// The revision of a path, to be read.
    pub(super) fn revision(&self, id: &str, seq: &str) -> Result<Found, ApiError> {
        self.numbered(self.seen(id)?, seq)
    }

    /// The revision of a path, to be changed.
    pub(super) fn own_revision(&self, id: &str, seq: &str) -> Result<Found, ApiError> {
        self.numbered(self.revisable(id)?, seq)
    }

    /// The import config with this name.
    pub(super) fn config(&self, name: &str) -> Result<ImportConfig, ApiError> {
        let found = self.state.space.store().read(|tx| objects::config_named(tx, name))?;
        Ok(found.ok_or_else(|| missing("import config", name))?)
    }

    fn numbered(&self, entry: Arc<Entry>, seq: &str) -> Result<Found, ApiError> {
        let number = seq.parse().map_err(|_| missing("revision", seq))?;
        let dataset = entry.dataset.number;
        let store = self.state.space.store();
        let found = store.read(|tx| objects::revision_with_seq(tx, dataset, number))?;
        let revision = found.ok_or_else(|| missing("revision", seq))?;
        Ok(Found { entry, revision })
    }
}

/// The revision as a transaction sees it: others may have changed it since the request looked at it.
pub fn current(tx: &ReadTx<'_>, revision: &Revision) -> Result<Revision, StoreError> {
    let found = objects::find(tx, revision.id)?;
    Ok(found.ok_or_else(|| missing("revision", &revision.seq.to_string()))?)
}

/// 32 digits in the groups of a UUID.
pub fn uuid(digits: &str) -> String {
    let group = |from, to| digits.get(from..to).unwrap_or_default();
    [group(0, 8), group(8, 12), group(12, 16), group(16, 20), group(20, 32)].join("-")
}
