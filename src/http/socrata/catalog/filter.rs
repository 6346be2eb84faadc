//! Which assets the parameters of the catalogue leave. Different parameters narrow the result, repeated
//! ones widen it (documented).

use super::asset::Asset;
use super::parameters::Parameters;
use super::refusal::{bad, bad_value, not_your_shares};
use super::site::Site;
use crate::access::{Caller, Provenance, Role, user_id};
use crate::http::error::ApiError;
use crate::soda::Scope;

/// The types of assets with their plurals (documented).
const TYPES: [(&str, &str); 15] = [
    ("api", "apis"),
    ("calendar", "calendars"),
    ("chart", "charts"),
    ("datalens", "datalenses"),
    ("dataset", "datasets"),
    ("federated_href", "federated_hrefs"),
    ("file", "files"),
    ("filter", "filters"),
    ("form", "forms"),
    ("href", "hrefs"),
    ("link", "links"),
    ("map", "maps"),
    ("measure", "measures"),
    ("story", "stories"),
    ("visualization", "visualizations"),
];

/// The states of an approval (documented). Without the module for approvals everything is approved.
const APPROVAL: [&str; 4] = ["approved", "pending", "rejected", "not_ready"];

/// The filters of a request, checked.
pub struct Filters<'p> {
    parameters: &'p Parameters,
    site: &'p Site,
    types: Option<Vec<&'static str>>,
    provenance: Option<Vec<Provenance>>,
    audience: Option<Vec<Scope>>,
    approved: bool,
    open: Option<bool>,
    public: Option<bool>,
    published: Option<bool>,
    hidden: Option<bool>,
    data_json_hidden: Option<bool>,
    derived: Option<bool>,
    /// Nobody sees what was shared without signing in.
    nothing: bool,
}

impl<'p> Filters<'p> {
    /// Checks the filters of a request.
    pub fn new(parameters: &'p Parameters, site: &'p Site, caller: &Caller) -> Result<Self, ApiError> {
        check_shares(parameters, caller)?;
        let each = |name: &str, known: &str, fits: &dyn Fn(&str) -> bool| match parameters.texts(name) {
            None => Ok(()),
            Some(texts) => match texts.iter().find(|text| !fits(text)) {
                None => Ok(()),
                Some(text) => Err(bad_value(name, known, text)),
            },
        };
        each("approval_status", "approved, pending, rejected or not_ready", &|text| {
            APPROVAL.contains(&text)
        })?;
        each("audience", "private, site or public", &|text| Scope::parse(text).is_some())?;
        each("provenance", "official or community", &|text| Provenance::parse(text).is_some())?;
        let flag = |name: &str| parameters.flag(name);
        let filters = Self {
            parameters,
            site,
            types: types(parameters)?,
            provenance: parsed(parameters, "provenance", Provenance::parse),
            audience: parsed(parameters, "audience", Scope::parse),
            approved: parameters
                .texts("approval_status")
                .is_none_or(|wanted| wanted.iter().any(|w| w == "approved")),
            open: visibility(parameters)?,
            public: flag("public")?,
            published: flag("published")?,
            hidden: flag("explicitly_hidden")?,
            data_json_hidden: flag("data_json_hidden")?,
            derived: flag("derived")?,
            nothing: parameters.has("shared_to") && caller.name().is_none(),
        };
        filters.check_visibility()?;
        Ok(filters)
    }

    /// What `visibility=open` contradicts (source).
    fn check_visibility(&self) -> Result<(), ApiError> {
        let closed = [
            (self.public == Some(false), "public", "false"),
            (self.published == Some(false), "published", "false"),
            (self.hidden == Some(true), "explicitly_hidden", "true"),
            (!self.approved, "approval_status", "other than approved"),
        ];
        match closed.into_iter().find(|(contradicts, ..)| *contradicts && self.open == Some(true)) {
            None => Ok(()),
            Some((_, name, value)) => Err(bad(
                format!("Invalid parameter combination: visibility=open and {name}={value}"),
                format!("Leave out visibility or {name}."),
            )),
        }
    }

    /// Whether an asset stays.
    pub fn fit(&self, asset: &Asset<'_>) -> bool {
        let dataset = asset.dataset;
        let any = |name: &str, fits: &dyn Fn(&str) -> bool| {
            self.parameters.texts(name).is_none_or(|wanted| wanted.iter().any(|wanted| fits(wanted)))
        };
        let same = |wanted: &str, own: Option<&str>| own.is_some_and(|own| own.eq_ignore_ascii_case(wanted));
        let is = |wanted: Option<bool>, own: bool| wanted.is_none_or(|wanted| wanted == own);
        // No asset is derived from another here.
        let has_parent = false;
        !self.nothing
            && self.approved
            && any("ids", &|id| id.eq_ignore_ascii_case(dataset.id.as_str()))
            && any("domains", &|domain| self.site.is(domain))
            && any("names", &|name| folded(name) == folded(&dataset.name))
            && any("categories", &|category| same(category, dataset.text("category")))
            && any("tags", &|tag| dataset.tags().iter().any(|own| own.eq_ignore_ascii_case(tag)))
            && any("attribution", &|name| dataset.text("attribution") == Some(name))
            && any("license", &|name| dataset.license_name() == Some(name))
            && any("column_names", &|name| dataset.columns.iter().any(|c| folded(&c.name) == folded(name)))
            && any("for_user", &|id| id == asset.owner_id)
            && any("shared_to", &|id| asset.owner_id != id && is_shared(asset, id))
            && any("parent_ids", &|_| has_parent)
            && any("derived_from", &|_| has_parent)
            && is(self.derived, has_parent)
            && is(self.open, dataset.is_open())
            && is(self.public, dataset.permissions.is_public())
            && is(self.published, dataset.is_published())
            && is(self.hidden, dataset.hidden_from_catalog())
            && is(self.data_json_hidden, dataset.hidden_from_data_json())
            && self.types.as_ref().is_none_or(|wanted| wanted.contains(&dataset.asset_type()))
            && self.provenance.as_ref().is_none_or(|wanted| wanted.contains(&asset.provenance))
            && self.audience.as_ref().is_none_or(|wanted| wanted.contains(&dataset.permissions.scope))
            && self.has_custom(asset)
    }

    /// Every key of custom metadata that is asked for, with one of its values.
    fn has_custom(&self, asset: &Asset<'_>) -> bool {
        self.parameters.custom.iter().all(|(key, wanted)| {
            asset
                .dataset
                .custom_fields()
                .any(|(set, field, value)| custom_key(set, field) == *key && wanted.contains(&value))
        })
    }
}

/// The name under which a field of custom metadata is asked for (documented): set and field joined by an
/// underscore, blanks as hyphens.
pub fn custom_key(set: &str, field: &str) -> String {
    format!("{set}_{field}").replace(' ', "-")
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

fn is_shared(asset: &Asset<'_>, id: &str) -> bool {
    asset.dataset.permissions.shares.iter().any(|share| user_id(&share.user) == id)
}

fn parsed<T>(parameters: &Parameters, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    parameters.texts(name).map(|texts| texts.iter().filter_map(|text| parse(text)).collect())
}

fn types(parameters: &Parameters) -> Result<Option<Vec<&'static str>>, ApiError> {
    let Some(wanted) = parameters.texts("only") else { return Ok(None) };
    let find =
        |text: &String| TYPES.iter().find(|(one, many)| one == text || many == text).map(|(one, _)| *one);
    if let Some(other) = wanted.iter().find(|text| find(text).is_none()) {
        let known = TYPES.map(|(one, many)| format!("{many}, {one}")).join(", ");
        let message = format!("Invalid 'only' parameter: 'only' must be one of {known}; got {other}");
        return Err(bad(message, "Name a type of assets, such as only=datasets."));
    }
    Ok(Some(wanted.iter().filter_map(find).collect()))
}

fn visibility(parameters: &Parameters) -> Result<Option<bool>, ApiError> {
    match parameters.one("visibility").map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("open") => Ok(Some(true)),
        Some("internal") => Ok(Some(false)),
        Some(other) => Err(bad_value("visibility", "open or internal", other)),
    }
}

/// Documented: the domain has to be named, and only administrators look at what others were given.
fn check_shares(parameters: &Parameters, caller: &Caller) -> Result<(), ApiError> {
    let Some(wanted) = parameters.texts("shared_to") else { return Ok(()) };
    if !parameters.has("domains") {
        return Err(bad("'shared_to' needs the parameter 'domains'", "Add domains=HOST of the site."));
    }
    let Caller::User { name, role } = caller else { return Ok(()) };
    let own = user_id(name);
    match wanted.iter().find(|id| **id != own) {
        Some(other) if *role < Role::Administrator => Err(not_your_shares(other)),
        _ => Ok(()),
    }
}
