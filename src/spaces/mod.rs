//! All spaces of the process.

mod binding;
mod name;

pub use binding::{Bindings, BoundTo};
pub use name::{NameError, SpaceName};

use crate::access::Directory;
use crate::ids::Ids;
use crate::space::{Recipe, Space};
use crate::store::{Image, Profile};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// All spaces; the default one is always there.
pub struct Spaces {
    default: Arc<Space>,
    watchers: Ids,
    registry: RwLock<Registry>,
}

#[derive(Default)]
struct Registry {
    others: BTreeMap<String, Arc<Space>>,
    bindings: Bindings,
    made: u64,
}

/// Why a space was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpacesError {
    /// The name is taken.
    #[error("there is a space {0} already; DELETE /__mock/v1/spaces/{0} first, or choose another name")]
    Exists(String),
    /// There are too many already.
    #[error(
        "there are {0} spaces, the most that there may be; DELETE /__mock/v1/spaces/{{name}} removes one, serve --max-spaces allows more"
    )]
    TooMany(usize),
    /// A user or token belongs to another space.
    #[error("{what} is bound to space {space} already; one user or app token leads to one space only")]
    Bound {
        /// The user or token.
        what: String,
        /// The other space.
        space: String,
    },
}

impl Spaces {
    /// Only the default space.
    pub fn new(default: Arc<Space>) -> Self {
        Self { default, watchers: Ids::random(), registry: RwLock::default() }
    }

    /// The space of requests that name none.
    pub fn default_space(&self) -> Arc<Space> {
        Arc::clone(&self.default)
    }

    /// The id of a request that only looks on; it uses up no id of a space.
    pub fn watcher_id(&self) -> String {
        self.watchers.hex32()
    }

    /// How spaces are made.
    pub fn recipe(&self) -> &Arc<Recipe> {
        &self.default.recipe
    }

    /// A space by its name.
    pub fn find(&self, name: &str) -> Option<Arc<Space>> {
        if name == self.default.name {
            return Some(self.default_space());
        }
        self.read().others.get(name).cloned()
    }

    /// All spaces, the default one first.
    pub fn all(&self) -> Vec<Arc<Space>> {
        let registry = self.read();
        std::iter::once(&self.default).chain(registry.others.values()).cloned().collect()
    }

    /// Makes a space; without a name it gets one. `own` accounts are added to it.
    pub fn create(
        &self,
        name: Option<SpaceName>,
        image: &Arc<Image>,
        bind: &BoundTo,
        own: Directory,
    ) -> Result<Arc<Space>, SpacesError> {
        let mut registry = self.write();
        // The default space is none of the others.
        let count = registry.others.len() + 1;
        let name = match name {
            Some(name) => name.as_str().to_owned(),
            None => loop {
                registry.made += 1;
                let name = format!("space-{}", registry.made);
                if !registry.others.contains_key(&name) {
                    break name;
                }
            },
        };
        if name == self.default.name || registry.others.contains_key(&name) {
            return Err(SpacesError::Exists(name));
        }
        if count >= self.recipe().bounds().spaces {
            return Err(SpacesError::TooMany(count));
        }
        registry.bindings.add(&name, bind)?;
        let space = Arc::new(self.recipe().space(&name, image, Profile::ONE_OF_MANY, own));
        registry.others.insert(name, Arc::clone(&space));
        Ok(space)
    }

    /// Removes a space with all that is in it; requests in flight are finished on it.
    pub fn remove(&self, name: &str) -> Option<Arc<Space>> {
        let mut registry = self.write();
        let space = registry.others.remove(name)?;
        registry.bindings.remove(name);
        Some(space)
    }

    /// What leads to a space beside its name.
    pub fn bound_to(&self, space: &str) -> BoundTo {
        self.read().bindings.of(space)
    }

    /// The space that an application token is bound to.
    pub fn of_app_token(&self, token: &str) -> Option<Arc<Space>> {
        let registry = self.read();
        registry.others.get(registry.bindings.app_token(token)?).cloned()
    }

    /// The space that a user is bound to; an API key leads where its owner does.
    pub fn of_user(&self, name: &str) -> Option<Arc<Space>> {
        let registry = self.read();
        if let Some(space) = registry.bindings.user(name) {
            return registry.others.get(space).cloned();
        }
        registry
            .bindings
            .users()
            .filter_map(|(user, space)| Some((user, registry.others.get(space)?)))
            .find(|(user, space)| {
                space.accounts.directory().keys.get(name).is_some_and(|key| key.owner == *user)
            })
            .map(|(_, space)| Arc::clone(space))
    }

    /// Whether users or tokens are bound at all.
    pub fn has_bound(&self) -> (bool, bool) {
        let registry = self.read();
        let bindings = &registry.bindings;
        (bindings.users().next().is_some(), bindings.has_app_tokens())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Registry> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Registry> {
        self.registry.write().unwrap_or_else(PoisonError::into_inner)
    }
}
