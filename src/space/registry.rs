//! All spaces of the process.

use super::binding::{Bindings, BoundElsewhere, BoundTo};
use super::{Space, SpaceName, SpaceTemplate};
use crate::access::Directory;
use crate::ids::Ids;
use crate::store::{Image, Profile};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// All spaces; the default one is always there.
pub struct Registry {
    default: Arc<Space>,
    observer_ids: Ids,
    others: RwLock<Others>,
}

#[derive(Default)]
struct Others {
    spaces: BTreeMap<String, Arc<Space>>,
    bindings: Bindings,
    made: u64,
}

/// Why a space was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The name is taken.
    #[error("there is a space {0} already")]
    Exists(String),
    /// There are too many already.
    #[error("there are {0} spaces, the most that there may be")]
    TooMany(usize),
    /// A user or token belongs to another space.
    #[error(transparent)]
    Bound(#[from] BoundElsewhere),
}

impl Registry {
    /// Only the default space.
    pub fn new(default: Arc<Space>) -> Self {
        Self { default, observer_ids: Ids::random(), others: RwLock::default() }
    }

    /// The space of requests that name none.
    pub fn default_space(&self) -> Arc<Space> {
        Arc::clone(&self.default)
    }

    /// An id for a request to the mock's own API, which uses up no id of a space.
    pub fn observer_id(&self) -> String {
        self.observer_ids.hex32()
    }

    /// What every space of the process is made from.
    pub fn template(&self) -> &Arc<SpaceTemplate> {
        &self.default.template
    }

    /// A space by its name.
    pub fn find(&self, name: &str) -> Option<Arc<Space>> {
        if name == self.default.name {
            return Some(self.default_space());
        }
        self.read().spaces.get(name).cloned()
    }

    /// All spaces, the default one first.
    pub fn all(&self) -> Vec<Arc<Space>> {
        let others = self.read();
        std::iter::once(&self.default).chain(others.spaces.values()).cloned().collect()
    }

    /// Makes a space; without a name it gets one. `own` accounts are added to it.
    pub fn create(
        &self,
        name: Option<SpaceName>,
        image: &Arc<Image>,
        bind: &BoundTo,
        own: Directory,
    ) -> Result<Arc<Space>, RegistryError> {
        let mut others = self.write();
        // The default space is none of the others.
        let count = others.spaces.len() + 1;
        let name = match name {
            Some(name) => name.as_str().to_owned(),
            None => loop {
                others.made += 1;
                let name = format!("space-{}", others.made);
                if !others.spaces.contains_key(&name) {
                    break name;
                }
            },
        };
        if name == self.default.name || others.spaces.contains_key(&name) {
            return Err(RegistryError::Exists(name));
        }
        if count >= self.template().bounds().spaces {
            return Err(RegistryError::TooMany(count));
        }
        others.bindings.add(&name, bind)?;
        let space = Arc::new(self.template().space(&name, image, Profile::ONE_OF_MANY, own));
        others.spaces.insert(name, Arc::clone(&space));
        Ok(space)
    }

    /// Removes a space with all that is in it; requests in flight are finished on it.
    pub fn remove(&self, name: &str) -> Option<Arc<Space>> {
        let mut others = self.write();
        let space = others.spaces.remove(name)?;
        others.bindings.remove(name);
        Some(space)
    }

    /// What leads to a space beside its name.
    pub fn bound_to(&self, space: &str) -> BoundTo {
        self.read().bindings.of(space)
    }

    /// The space that an application token is bound to.
    pub fn of_app_token(&self, token: &str) -> Option<Arc<Space>> {
        let others = self.read();
        others.spaces.get(others.bindings.app_token(token)?).cloned()
    }

    /// The space that a user is bound to; an API key leads where its owner does.
    pub fn of_user(&self, name: &str) -> Option<Arc<Space>> {
        let others = self.read();
        if let Some(space) = others.bindings.user(name) {
            return others.spaces.get(space).cloned();
        }
        others
            .bindings
            .users()
            .filter_map(|(user, space)| Some((user, others.spaces.get(space)?)))
            .find(|(user, space)| {
                space.accounts.directory().keys.get(name).is_some_and(|key| key.owner == *user)
            })
            .map(|(_, space)| Arc::clone(space))
    }

    /// Whether users or tokens are bound at all.
    pub fn has_bound(&self) -> (bool, bool) {
        let others = self.read();
        let bindings = &others.bindings;
        (bindings.users().next().is_some(), bindings.has_app_tokens())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Others> {
        self.others.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Others> {
        self.others.write().unwrap_or_else(PoisonError::into_inner)
    }
}
