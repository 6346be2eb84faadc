//! A request for the rows of a dataset that passed the checks before its body: first checks, dataset, rights.

use crate::access::{Caller, Reader};
use crate::clock::Clock as _;
use crate::consumer::ReadFormat;
use crate::consumer::plan::Question;
use crate::http::error::ApiError;
use crate::http::exchange::{RequestContext, RequestHead, login_error};
use crate::path::split_extension;
use crate::producer::{RowWrite, UpsertOptions, UpsertReport};
use crate::soda::{ErrorCode, SodaError};
use crate::soql::Adaptation;
use crate::store::history::Author;
use crate::store::{Entry, SeenCatalogue, StoreError};
use http::Method;
use std::sync::Arc;
use std::time::Duration;

/// The hint for a script element that would read what is not public.
const JSONP: &str = "With $jsonp the credentials of a request are not used, as documented: only public datasets are read so. Leave out $jsonp, or make the dataset public.";

/// A request for the rows of a dataset.
pub struct DatasetRequest {
    /// The request.
    pub context: RequestContext,
    /// The dataset.
    pub entry: Arc<Entry>,
    /// The catalogue that the dataset was found in.
    pub catalogue: SeenCatalogue,
    /// The path's extension.
    pub extension: Option<&'static str>,
    /// Who reads.
    pub reader: Reader,
    /// How long the caller would wait for a query.
    pub patience: Option<Duration>,
}

/// What a request does with the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
    /// The method is none that a path of rows knows.
    Other,
}

impl Access {
    fn of(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD => Self::Read,
            Method::POST | Method::PUT | Method::DELETE | Method::PATCH => Self::Write,
            _ => Self::Other,
        }
    }
}

/// Whether the rows go to a script element (documented: credentials of such a request are ignored).
fn is_jsonp(head: &RequestHead, access: Access) -> bool {
    access == Access::Read && head.query().iter().any(|(name, _)| name.eq_ignore_ascii_case("$jsonp"))
}

impl DatasetRequest {
    /// Checks in the order of the wire contract: application token, throttle, credentials, dataset, rights.
    /// `segment` is the path's, with its extension.
    pub fn check(context: RequestContext, segment: &str) -> Result<Self, ApiError> {
        let access = Access::of(&context.head.method);
        Self::checked(context, segment, access)
    }

    /// The same for a path whose every method reads.
    pub fn check_read(context: RequestContext, segment: &str) -> Result<Self, ApiError> {
        Self::checked(context, segment, Access::Read)
    }

    fn checked(context: RequestContext, segment: &str, access: Access) -> Result<Self, ApiError> {
        let jsonp = is_jsonp(&context.head, access);
        let caller = if jsonp {
            context.admit_anonymously()?;
            Caller::Anonymous
        } else {
            context.admit()?.clone()
        };
        let (name, extension) = split_extension(segment);
        let catalogue = SeenCatalogue::of(&context.state.space.store());
        let entry = catalogue.find(name).cloned().ok_or_else(|| SodaError::dataset_missing(name))?;
        context.trace().found(&entry);
        let allowed = match access {
            Access::Read if jsonp => caller.may_read(&entry.dataset).map_err(|e| e.hint(JSONP)),
            Access::Read => caller.may_read(&entry.dataset),
            Access::Write => caller.may_write_rows(&entry.dataset),
            Access::Other => Ok(()),
        };
        allowed.map_err(|error| login_error(&context.state, error))?;
        if !entry.dataset.is_tabular() {
            return Err(SodaError::not_tabular().into());
        }
        let reader = Reader::Caller(caller);
        Ok(Self { context, entry, catalogue, extension, reader, patience: None })
    }

    /// A read of a dataset by somebody who may see all of it; none when there is no such dataset.
    pub fn unrestricted(context: RequestContext, id: &str) -> Option<Self> {
        let catalogue = SeenCatalogue::of(&context.state.space.store());
        let entry = catalogue.find(id)?.clone();
        let extension = split_extension(context.head.uri.path()).1;
        Some(Self { context, entry, catalogue, extension, reader: Reader::Unrestricted, patience: None })
    }

    /// Who writes, for the history.
    pub fn author(&self) -> Author {
        let operation = self.context.head.operation.name();
        Author { request_id: Arc::clone(&self.context.id), operation }
    }

    /// A write of rows by this request.
    pub fn write(&self, options: UpsertOptions) -> RowWrite {
        let space = &self.context.state.space;
        let (store, generation) = (space.store(), space.generation());
        RowWrite { store, generation, entry: Arc::clone(&self.entry), options }
    }

    /// Whether requests come one by one, as a script sends them; asked once for each small write.
    pub fn is_solitary(&self) -> bool {
        self.context.state.one_by_one()
    }

    /// What became of a write, written down for the journal.
    pub fn written(&self, written: Result<UpsertReport, StoreError>) -> Result<UpsertReport, SodaError> {
        let mut report = written.map_err(|error| self.refused(error))?;
        self.context.trace().rows(&self.entry, &mut report);
        Ok(report)
    }

    /// A refusal of the store; a lock is told with the dataset that could not be had (source).
    fn refused(&self, error: StoreError) -> SodaError {
        let refusal = SodaError::from(error);
        if refusal.code != ErrorCode::CannotAcquireWriteLock {
            return refusal;
        }
        let id = self.entry.dataset.id.as_str();
        SodaError { message: format!("Dataset {id} cannot acquire a write lock"), ..refusal }
            .data(serde_json::json!({ "dataset": id }))
    }

    /// How long a query may take.
    pub fn query_timeout(&self) -> Duration {
        let limit = self.context.state.options.query_timeout;
        self.patience.map_or(limit, |patience| patience.min(limit))
    }

    /// After a read that failed: whether the catalogue was exchanged since the request took its dataset from it, so
    /// that the failure says nothing. The request has the new one then, and reads again. 404 when the dataset is gone.
    pub fn catch_up(&mut self) -> Result<bool, SodaError> {
        if !self.catalogue.renew(&self.context.state.space.store()) {
            return Ok(false);
        }
        let id = self.entry.dataset.id.as_str();
        let entry = self.catalogue.find(id).cloned();
        self.entry = entry.ok_or_else(|| SodaError::dataset_missing(id))?;
        Ok(true)
    }

    /// What the request asks of its dataset.
    pub fn question(&self, format: ReadFormat) -> Question<'_> {
        Question {
            entry: &self.entry,
            catalogue: &self.catalogue,
            reader: &self.reader,
            query: self.context.head.query(),
            text: None,
            adaptation: Adaptation::default(),
            format,
            now_ms: self.context.state.space.clock.now_ms(),
        }
    }
}
