//! What functions may ask of the world: all of it given, none of it looked up.

use std::collections::HashMap;

/// What is known around a source. Functions that ask for a part that is `None` are refused by [`super::compile()`].
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// When the source was created, in milliseconds since 1970: `source_created_at()`.
    pub source_created_at: i64,
    /// What the numbers of `random_number_between` and `random_number_normal` follow from, together with the
    /// row's offset and the place of the call: a row that is read again has the same numbers.
    pub random_seed: u64,
    /// Places of addresses: `geocode`.
    pub geocoder: Option<Geocoder>,
    /// Outlines: `state_boundary`, `county_boundary`.
    pub boundaries: Option<Boundaries>,
    /// Regions by the id of their dataset: `region_code`, `region_code_label`.
    pub regions: Option<HashMap<String, Vec<Region>>>,
    /// Answers by URL: `http_get`.
    pub answers: Option<HashMap<String, String>>,
    /// The names of `domain_categories`.
    pub categories: Option<Vec<String>>,
    /// The names of `domain_licenses`.
    pub licenses: Option<Vec<String>>,
}

/// Longitudes and latitudes of postal addresses. Parts are compared without regard to case and blanks at the ends.
#[derive(Clone, Debug, Default)]
pub struct Geocoder {
    places: HashMap<String, (f64, f64)>,
}

/// Outlines of states and counties as GeoJSON of a `MultiPolygon`; names are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Boundaries {
    states: HashMap<String, String>,
    counties: HashMap<(String, String), String>,
}

/// One region of a dataset of regions.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Its `_feature_id`.
    pub id: String,
    /// What `region_code_label` calls it.
    pub label: String,
    /// GeoJSON of a `Polygon` or `MultiPolygon`.
    pub outline: String,
}

fn folded(part: &str) -> String {
    part.trim().to_lowercase()
}

impl Geocoder {
    /// The place of an address: longitude first.
    pub fn place(&self, address: &str, city: &str, state: &str, zip: &str) -> Option<(f64, f64)> {
        self.places.get(&Self::key(address, city, state, zip)).copied()
    }

    /// Adds the place of an address: longitude first.
    pub fn insert(&mut self, address: &str, city: &str, state: &str, zip: &str, place: (f64, f64)) {
        self.places.insert(Self::key(address, city, state, zip), place);
    }

    fn key(address: &str, city: &str, state: &str, zip: &str) -> String {
        [address, city, state, zip].map(folded).join("\n")
    }
}

impl Boundaries {
    /// The outline of a state, by its name or its two letters.
    pub fn state(&self, name: &str) -> Option<&str> {
        self.states.get(&folded(name)).map(String::as_str)
    }

    /// The outline of a county, by its name or its FIPS code, and its state.
    pub fn county(&self, state: &str, name: &str) -> Option<&str> {
        self.counties.get(&(folded(state), folded(name))).map(String::as_str)
    }

    /// Adds the outline of a state under one of its names.
    pub fn insert_state(&mut self, name: &str, outline: String) {
        self.states.insert(folded(name), outline);
    }

    /// Adds the outline of a county under one of its names and one of its state's.
    pub fn insert_county(&mut self, state: &str, name: &str, outline: String) {
        self.counties.insert((folded(state), folded(name)), outline);
    }
}
