//! The order of the catalogue's results and the page that is shown of them (documented).

use super::asset::Asset;
use super::parameters::Parameters;
use super::refusal::{bad, bad_value};
use crate::http::error::ApiError;
use std::cmp::Ordering;

/// What results can be sorted by, with whether the largest comes first unless it is said.
const ATTRIBUTES: [(&str, bool); 11] = [
    ("relevance", true),
    ("name", false),
    ("owner", false),
    ("dataset_id", false),
    ("datatype", false),
    ("domain_category", false),
    ("createdAt", true),
    ("updatedAt", true),
    ("page_views_total", true),
    ("page_views_last_month", true),
    ("page_views_last_week", true),
];

/// The sum of offset and limit (documented).
const WINDOW: usize = 10_000;
/// Results on a page (documented).
const PAGE: usize = 100;

/// The order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    attribute: &'static str,
    descending: bool,
}

/// What is shown of the results.
#[derive(Debug)]
pub struct Paging {
    /// Results that are left out at the start.
    pub offset: usize,
    /// Results at most.
    pub limit: usize,
    /// The last id of the page before; then the order is that of ids (documented: other orders are not
    /// honoured).
    pub after: Option<String>,
    /// The order.
    pub order: Order,
}

impl Order {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let mut words = text.split_whitespace();
        let attribute = words.next().unwrap_or("");
        let found = ATTRIBUTES.iter().find(|(name, _)| *name == attribute);
        let direction = words.next().map(str::to_ascii_uppercase);
        let descending = match (found, direction.as_deref(), words.next()) {
            (Some((_, by_default)), None, None) => *by_default,
            (Some(_), Some("ASC"), None) => false,
            (Some(_), Some("DESC"), None) => true,
            _ => {
                let known = ATTRIBUTES.map(|(name, _)| name).join(", ");
                return Err(bad_value(
                    "order",
                    &format!("one of {known}, with ASC or DESC after a blank"),
                    text,
                ));
            }
        };
        Ok(Self { attribute: found.map_or("relevance", |(name, _)| *name), descending })
    }

    /// Compares two results with their scores. What lacks the attribute comes last either way
    /// (documented); equal ones follow their ids (ours).
    pub fn compare(self, (a, score_a): (&Asset<'_>, f64), (b, score_b): (&Asset<'_>, f64)) -> Ordering {
        let directed = |ordering: Ordering| if self.descending { ordering.reverse() } else { ordering };
        let texts = |text: fn(&Asset<'_>) -> Option<String>| match (text(a), text(b)) {
            (Some(a), Some(b)) => directed(a.cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let ordering = match self.attribute {
            "relevance" => directed(score_a.total_cmp(&score_b)),
            "name" => texts(|asset| Some(asset.dataset.name.to_lowercase())),
            "owner" => texts(|asset| Some(crate::access::display_name(asset.owner).to_lowercase())),
            "dataset_id" => texts(|asset| Some(asset.dataset.id.as_str().to_owned())),
            "datatype" => texts(|asset| Some(asset.dataset.asset_type().to_owned())),
            "domain_category" => texts(|asset| asset.dataset.text("category").map(str::to_lowercase)),
            "createdAt" => directed(a.dataset.created_at.cmp(&b.dataset.created_at)),
            "updatedAt" => directed(a.updated_ms().cmp(&b.updated_ms())),
            // Nothing has pages here, so all were viewed as often: never.
            _ => Ordering::Equal,
        };
        ordering.then_with(|| a.dataset.id.cmp(&b.dataset.id))
    }
}

impl Paging {
    /// Reads the parameters of paging; combinations that exclude each other are 400 (documented).
    pub fn new(parameters: &Parameters) -> Result<Self, ApiError> {
        let offset = parameters.number("offset")?.unwrap_or(0);
        let limit = parameters.number("limit")?.unwrap_or(PAGE);
        if offset.saturating_add(limit) > WINDOW {
            return Err(bad(
                format!("Sum of `offset` and `limit` cannot exceed {WINDOW}"),
                "Page with scroll_id instead: the id of the last result of the page before.",
            ));
        }
        let order = parameters.one("order").map(Order::parse).transpose()?;
        let scrolls = parameters.has("scroll_id");
        let excluded = if order.is_some() { Some("order") } else { (offset > 0).then_some("offset") };
        if let Some(name) = excluded.filter(|_| scrolls) {
            return Err(bad(
                format!("The `{name}` and `scroll_id` parameters cannot both be specified"),
                format!("Leave out {name}: pages by scroll_id follow the ids."),
            ));
        }
        let by_id = Order { attribute: "dataset_id", descending: false };
        let by_relevance = Order { attribute: "relevance", descending: true };
        Ok(Self {
            offset,
            limit,
            after: parameters.one("scroll_id").map(str::to_ascii_lowercase),
            order: order.unwrap_or(if scrolls { by_id } else { by_relevance }),
        })
    }

    /// The part of a list that is shown.
    pub fn page<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.offset).take(self.limit).collect()
    }
}
