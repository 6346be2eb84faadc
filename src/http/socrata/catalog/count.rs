//! How many assets there are of each domain, tag, category and facet (documented).

use super::asset::Asset;
use super::filter::custom_key;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many assets a domain has.
#[derive(Serialize)]
pub struct OfDomain {
    /// The domain.
    pub domain: String,
    /// The assets.
    pub count: usize,
}

/// How many assets have a tag.
#[derive(Serialize)]
pub struct OfTag {
    domain_tag: String,
    count: usize,
}

/// How many assets are of a category.
#[derive(Serialize)]
pub struct OfCategory {
    domain_category: String,
    count: usize,
}

/// How many assets have a facet, and how many each of its values.
#[derive(Serialize)]
pub struct Facet {
    facet: String,
    count: usize,
    values: Vec<FacetValue>,
}

#[derive(Serialize)]
struct FacetValue {
    value: String,
    count: usize,
}

/// Values with how often they occur, the most frequent first.
fn counted(values: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    // Equal ones stay in the order of their names.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn tags_of(assets: &[Asset<'_>]) -> Vec<(String, usize)> {
    counted(assets.iter().flat_map(|asset| asset.dataset.tags()).map(str::to_owned))
}

fn categories_of(assets: &[Asset<'_>]) -> Vec<(String, usize)> {
    counted(assets.iter().filter_map(|asset| asset.dataset.text("category")).map(str::to_owned))
}

/// Assets by tag.
pub fn tags(assets: &[Asset<'_>]) -> Vec<OfTag> {
    tags_of(assets).into_iter().map(|(domain_tag, count)| OfTag { domain_tag, count }).collect()
}

/// Assets by category.
pub fn categories(assets: &[Asset<'_>]) -> Vec<OfCategory> {
    let counts = categories_of(assets).into_iter();
    counts.map(|(domain_category, count)| OfCategory { domain_category, count }).collect()
}

/// Assets by type, category, tag, provenance and each key of custom metadata.
pub fn facets(assets: &[Asset<'_>]) -> Vec<Facet> {
    let types = counted(assets.iter().map(|asset| asset.dataset.asset_type().to_owned()));
    let provenance = counted(assets.iter().map(|asset| asset.provenance.name().to_owned()));
    let mut custom: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (set, field, value) in assets.iter().flat_map(|asset| asset.dataset.custom_fields()) {
        custom.entry(custom_key(set, field)).or_default().push(value);
    }
    let fixed = [
        ("datatypes", types),
        ("categories", categories_of(assets)),
        ("tags", tags_of(assets)),
        ("provenance", provenance),
    ];
    let fixed = fixed.into_iter().map(|(facet, counts)| (facet.to_owned(), counts));
    let custom = custom.into_iter().map(|(key, values)| (key, counted(values.into_iter())));
    fixed
        .chain(custom)
        .map(|(facet, counts)| Facet {
            facet,
            count: counts.iter().map(|(_, count)| count).sum(),
            values: counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect(),
        })
        .collect()
}
