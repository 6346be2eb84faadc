//! The catalogue, `/api/catalog/v1`: search, counts, facets and completion over the datasets of the
//! site, as the Discovery API documents it.
//!
//! Every documented parameter filters, sorts or pages; what else production has is refused by name. What
//! no parameter is called is a key of custom metadata, as documented.

mod asset;
mod autocomplete;
mod count;
mod filter;
mod order;
mod parameters;
mod refusal;
mod relevance;
mod result;
mod site;

use super::answer::{Answered, reading};
use crate::clock::monotonic;
use crate::http::error::{ApiError, header_text};
use crate::http::exchange::RequestContext;
use asset::Asset;
use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use filter::Filters;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use order::Paging;
use parameters::Parameters;
use relevance::Search;
use result::{Results, SearchResult, Timings};
use serde::Serialize;
use site::Site;
use std::time::Instant;

/// Parameters of paging and order that only the search has.
const ORDER: [&str; 2] = ["order", "scroll_id"];

/// A request to the catalogue.
struct CatalogQuery<'v> {
    context: &'v RequestContext,
    parameters: Parameters,
    site: Site,
    begun: Instant,
}

impl<'v> CatalogQuery<'v> {
    fn new(context: &'v RequestContext) -> Result<Self, ApiError> {
        let begun = monotonic();
        let parameters = Parameters::read(context.head.query())?;
        let site = Site::of(context, &parameters)?;
        Ok(Self { context, parameters, site, begun })
    }

    /// Does something with the assets that the filters leave, which the answer is made of.
    fn with_assets<T: Serialize>(
        &self,
        answered: impl FnOnce(Vec<Asset<'_>>) -> Result<(Vec<T>, usize), ApiError>,
    ) -> Answered {
        let filters = Filters::new(&self.parameters, &self.site, self.context.caller())?;
        let space = &self.context.state.space;
        let ((catalogue, versions), search) = (space.store().listed(), monotonic());
        let directory = space.accounts.directory();
        let mut assets = asset::found(self.context, (&catalogue, &versions), &directory)?;
        drop(directory);
        assets.retain(|asset| filters.fit(asset));
        let (results, result_set_size) = answered(assets)?;
        let timings = Timings::new(self.begun.elapsed(), search.elapsed());
        Ok(self.answer(&Results { results, result_set_size, timings, warnings: [] }))
    }

    fn answer(&self, value: &impl Serialize) -> Response {
        let mut response = Response::new(Body::from(crate::soda::pretty::to_vec(value)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
        if let Some(warning) = self.parameters.warning().as_deref().and_then(header_text) {
            headers.insert(HeaderName::from_static("x-mock-warning"), warning);
        }
        response
    }

    /// The words that are searched for.
    fn search(&self) -> Result<Option<Search>, ApiError> {
        let rule = self.parameters.one("min_should_match");
        self.parameters.one("q").map(|text| Search::new(text, rule)).transpose()
    }
}

pub async fn search(context: RequestContext, body: Body) -> Answered {
    reading(context, body, |context| {
        let asked = CatalogQuery::new(context)?;
        asked.parameters.without(&["deduplicate"])?;
        let paging = Paging::new(&asked.parameters)?;
        let (text, boost) = (asked.search()?, boost(&asked.parameters)?);
        let show_visibility = asked.parameters.flag("show_visibility")?.unwrap_or(false);
        asked.with_assets(|assets| {
            let mut scored = scored(assets, text.as_ref(), boost);
            scored.sort_by(|(a, x), (b, y)| paging.order.compare((a, *x), (b, *y)));
            let size = scored.len();
            if let Some(after) = &paging.after {
                scored.retain(|(asset, _)| asset.dataset.id.as_str() > after.as_str());
            }
            let page = paging.page(scored).into_iter();
            let site = asked.site.name();
            Ok((page.map(|(asset, _)| SearchResult::new(&asset, site, show_visibility)).collect(), size))
        })
    })
    .await
}

/// The weight of official assets (documented: a multiplier of their relevance).
fn boost(parameters: &Parameters) -> Result<f64, ApiError> {
    let Some(text) = parameters.one("boostOfficial") else { return Ok(1.0) };
    let weight = text.parse().ok().filter(|weight: &f64| weight.is_finite() && *weight >= 0.0);
    weight.ok_or_else(|| refusal::bad_value("boostOfficial", "a number from 0 on", text))
}

/// The assets that a search finds, with their relevance; without a search all are as relevant.
fn scored<'c>(assets: Vec<Asset<'c>>, search: Option<&Search>, boost: f64) -> Vec<(Asset<'c>, f64)> {
    let official = |asset: &Asset<'_>| asset.provenance == crate::access::Provenance::Official;
    assets
        .into_iter()
        .filter_map(|asset| {
            let score = search.map_or(Some(1.0), |search| search.score(&asset))?;
            let weight = if official(&asset) { boost } else { 1.0 };
            Some((asset, score * weight))
        })
        .collect()
}

/// Counts what a search without order leaves.
async fn counted<T: Serialize>(
    context: RequestContext,
    body: Body,
    without: &[&str],
    count: impl FnOnce(&[Asset<'_>], &Site) -> Vec<T>,
) -> Answered {
    reading(context, body, |context| {
        let asked = CatalogQuery::new(context)?;
        asked.parameters.without(without)?;
        asked.parameters.without(&ORDER)?;
        let (paging, text) = (Paging::new(&asked.parameters)?, asked.search()?);
        asked.with_assets(|assets| {
            let found: Vec<Asset<'_>> =
                scored(assets, text.as_ref(), 1.0).into_iter().map(|(asset, _)| asset).collect();
            let counts = count(&found, &asked.site);
            let size = counts.len();
            Ok((paging.page(counts), size))
        })
    })
    .await
}

pub async fn domains(context: RequestContext, body: Body) -> Answered {
    // Documented: these counts are not narrowed by a text search.
    counted(context, body, &["q", "min_should_match", "deduplicate"], |assets, site| {
        let own = count::OfDomain { domain: site.name().to_owned(), count: assets.len() };
        if assets.is_empty() { Vec::new() } else { vec![own] }
    })
    .await
}

pub async fn tags(context: RequestContext, body: Body) -> Answered {
    counted(context, body, &["deduplicate"], |assets, _| count::tags(assets)).await
}

pub async fn categories(context: RequestContext, body: Body) -> Answered {
    counted(context, body, &["deduplicate"], |assets, _| count::categories(assets)).await
}

pub async fn facets(context: RequestContext, Path(domain): Path<String>, body: Body) -> Answered {
    reading(context, body, |context| {
        let asked = CatalogQuery::new(context)?;
        asked.parameters.without(&["deduplicate", "limit", "offset"])?;
        asked.parameters.without(&ORDER)?;
        if !asked.site.is(&domain) {
            return Err(refusal::unknown_domain(&domain, asked.site.name()));
        }
        let text = asked.search()?;
        asked.with_assets(|assets| {
            let found: Vec<Asset<'_>> =
                scored(assets, text.as_ref(), 1.0).into_iter().map(|(asset, _)| asset).collect();
            let facets = count::facets(&found);
            let size = facets.len();
            Ok((facets, size))
        })
    })
    .await
}

/// Completes a text, which is matched with titles or tags and searches nothing else.
async fn completed<T: Serialize>(
    context: RequestContext,
    body: Body,
    complete: impl FnOnce(&[Asset<'_>], &str, &Parameters) -> Result<Vec<T>, ApiError>,
) -> Answered {
    reading(context, body, |context| {
        let asked = CatalogQuery::new(context)?;
        asked.parameters.without(&ORDER)?;
        asked.parameters.without(&["min_should_match"])?;
        let paging = Paging::new(&asked.parameters)?;
        asked.with_assets(|assets| {
            let text = asked.parameters.one("q").unwrap_or("");
            let found = complete(&assets, text, &asked.parameters)?;
            let size = found.len();
            Ok((paging.page(found), size))
        })
    })
    .await
}

pub async fn titles(context: RequestContext, body: Body) -> Answered {
    completed(context, body, |assets, text, parameters| {
        let once_each = parameters.flag("deduplicate")?.unwrap_or(true);
        Ok(autocomplete::titles(assets, text, once_each))
    })
    .await
}

pub async fn tag_texts(context: RequestContext, body: Body) -> Answered {
    completed(context, body, |assets, text, parameters| {
        parameters.without(&["deduplicate"])?;
        Ok(autocomplete::tags(assets, text))
    })
    .await
}
