//! What transforms and URL sources find outside of the machine: what a seed or the admin API has given.

use crate::api;
use crate::transform::{Boundaries, Geocoder, Region, Surroundings};
use std::sync::{Arc, PoisonError, RwLock};

/// What a space knows of the world.
#[derive(Debug, Default)]
pub struct World(RwLock<Arc<Known>>);

/// The same, as it was given and as functions ask for it.
#[derive(Debug, Default)]
pub struct Known {
    /// As it was given.
    pub given: api::World,
    /// As functions ask for it.
    pub surroundings: Surroundings,
}

impl World {
    /// A world that is known so.
    pub fn new(given: &api::World) -> Self {
        Self(RwLock::new(Arc::new(Known::of(given))))
    }

    /// What is known now.
    pub fn now(&self) -> Arc<Known> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another world; whether it differs from the one before.
    pub fn set(&self, given: &api::World) -> bool {
        let known = Arc::new(Known::of(given));
        let before = std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), known);
        before.given != *given
    }
}

impl Known {
    fn of(given: &api::World) -> Self {
        let mut boundaries = Boundaries::default();
        for (name, outline) in given.states.iter().flatten() {
            boundaries.insert_state(name, outline.to_string());
        }
        for county in given.counties.iter().flatten() {
            boundaries.insert_county(&county.state, &county.name, county.outline.to_string());
        }
        let geocoder = given.geocoder.as_ref().map(|places| {
            let mut geocoder = Geocoder::default();
            for at in places {
                let place = (at.longitude, at.latitude);
                geocoder.insert(&at.address, &at.city, &at.state, &at.zip, place);
            }
            geocoder
        });
        let region = |region: &api::Region| Region {
            id: region.id.clone(),
            label: region.label.clone(),
            outline: region.outline.to_string(),
        };
        let regions = given.regions.as_ref().map(|regions| {
            regions.iter().map(|(id, list)| (id.clone(), list.iter().map(region).collect())).collect()
        });
        let surroundings = Surroundings {
            geocoder,
            boundaries: (given.states.is_some() || given.counties.is_some()).then_some(boundaries),
            regions,
            answers: given.answers.clone().map(|answers| answers.into_iter().collect()),
            categories: given.categories.clone(),
            licenses: given.licenses.clone(),
            ..Surroundings::default()
        };
        Self { given: given.clone(), surroundings }
    }
}
