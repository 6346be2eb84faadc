//! What spaces are made of.

use super::Space;
use crate::access::{Accounts, Directory, Leniency, Limits, Tokens};
use crate::api::{JobCourses, World};
use crate::clock::{Clock as _, ClockMode, MockClock};
use crate::faults::Rule;
use crate::ids::Ids;
use crate::memory::Memory;
use crate::seed::{self, LoadError, Seeds};
use crate::store::import::{ImportError, import};
use crate::store::{
    DataNameError, Folder, Image, Profile, Store, StoreError, TemporaryFile, check_data_name,
};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The name of the first space.
pub const DEFAULT: &str = "default";

/// Streams of seeded ids beside those of the spaces.
const SEED_IDS: u64 = 1;
const SECRET_IDS: u64 = 2;

/// How much one process keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Spaces, the default one included.
    pub spaces: usize,
    /// Snapshots of each space.
    pub snapshots: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { spaces: 1000, snapshots: 100 }
    }
}

/// What spaces are made of; the same for all spaces of a process.
#[derive(Clone)]
pub struct TemplateParts {
    pub seeds: Seeds,
    pub directory: Directory,
    /// Whose credentials are accepted.
    pub leniency: Leniency,
    pub limits: Limits,
    /// What goes wrong from the start.
    pub faults: Vec<Rule>,
    /// Types as strict as in the source.
    pub strict_types: bool,
    pub clock: ClockMode,
    /// The seed of ids; none: nobody foresees them.
    pub ids: Option<u64>,
    /// The default space's file that survives; every other space is ephemeral.
    pub data: Option<PathBuf>,
    /// How many spaces and snapshots there may be.
    pub bounds: Bounds,
    /// The memory of the process.
    pub memory: Arc<Memory>,
    /// How long jobs of publishing take from the start.
    pub jobs: JobCourses,
    /// What is known of the world from the start.
    pub world: World,
}

/// Why there is no space.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Seed(#[from] LoadError),
    /// The data file's name.
    #[error("{0}")]
    DataName(#[from] DataNameError),
}

/// How spaces are made. Seeds are read once, into an image that all spaces share.
pub struct SpaceTemplate {
    parts: TemplateParts,
    folder: Arc<Folder>,
    secret: [u8; 32],
    seed: Mutex<Option<Arc<Image>>>,
    empty: Mutex<Option<Arc<Image>>>,
}

impl SpaceTemplate {
    /// A template; nothing is read yet.
    pub fn new(parts: TemplateParts) -> Result<Arc<Self>, StoreError> {
        let secret = Ids::for_purpose(parts.ids, SECRET_IDS).bytes();
        let folder = Folder::new(Arc::clone(&parts.memory))?;
        Ok(Arc::new(Self { parts, folder, secret, seed: Mutex::default(), empty: Mutex::default() }))
    }

    /// The default space, with its seeds.
    pub async fn default_space(self: &Arc<Self>) -> Result<Space, TemplateError> {
        let Some(path) = &self.parts.data else {
            return Ok(self.space(DEFAULT, &self.seed()?, Profile::MAIN, Directory::default()));
        };
        check_data_name(path)?;
        let memory = Arc::clone(&self.parts.memory);
        let store = Store::open(path.clone(), self.parts.strict_types, memory)?;
        let mut seeds = self.parts.seeds.clone();
        // A data file that holds something keeps to it.
        seeds.demo &= store.catalogue().all().is_empty();
        seed::load_missing(&seeds, &store, &self.seed_ids(), self.new_clock().now_ms()).await?;
        Ok(Space::new(DEFAULT, store, Arc::clone(self), Directory::default()))
    }

    /// An ephemeral space that begins as an image; `own` accounts are added to it.
    pub fn space(
        self: &Arc<Self>,
        name: &str,
        image: &Arc<Image>,
        profile: Profile,
        own: Directory,
    ) -> Space {
        Space::new(name, Store::on_image(image, profile), Arc::clone(self), own)
    }

    /// The data that a space has at the start. Blocks the first time.
    pub fn seed(&self) -> Result<Arc<Image>, LoadError> {
        once(&self.seed, || {
            let of = &self.parts;
            let now = self.new_clock().now_ms();
            seed::image(&of.seeds, &self.folder, of.strict_types, &self.seed_ids(), now)
        })
    }

    /// No data. Blocks the first time.
    pub fn empty(&self) -> Result<Arc<Image>, StoreError> {
        once(&self.empty, || {
            Ok(Image::build(&self.folder, self.parts.strict_types, |_| Ok::<_, StoreError>(()))?.0)
        })
    }

    fn seed_ids(&self) -> Ids {
        Ids::for_purpose(self.parts.ids, SEED_IDS)
    }

    /// Rebuilds a file of unknown origin from its values. Blocks.
    pub fn import(&self, file: &Arc<TemporaryFile>) -> Result<Arc<Image>, ImportError> {
        import(file, &self.folder, self.parts.strict_types)
    }

    /// How many spaces and snapshots there may be.
    pub fn bounds(&self) -> Bounds {
        self.parts.bounds
    }

    /// The memory of the process.
    pub fn memory(&self) -> &Arc<Memory> {
        &self.parts.memory
    }

    /// How long jobs of publishing take at the start.
    pub fn jobs(&self) -> &JobCourses {
        &self.parts.jobs
    }

    /// What is known of the world at the start.
    pub fn world(&self) -> &World {
        &self.parts.world
    }

    /// The place of ephemeral data.
    pub fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// The mode of a clock at the start.
    pub fn clock(&self) -> ClockMode {
        self.parts.clock
    }

    /// What goes wrong at the start. The rules were checked when they were read.
    pub(super) fn faults(&self) -> Vec<Rule> {
        self.parts.faults.clone()
    }

    /// A clock as at the start.
    pub(super) fn new_clock(&self) -> MockClock {
        MockClock::new(self.parts.clock)
    }

    /// Ids as at the start: the same in each space.
    pub(super) fn new_ids(&self) -> Ids {
        self.parts.ids.map_or_else(Ids::random, Ids::seeded)
    }

    /// Accounts as at the start. A token of one space is none in another.
    pub(super) fn new_accounts(&self, space: &str, own: Directory) -> Accounts {
        let of = &self.parts;
        let mut directory = of.directory.clone();
        directory.users.extend(own.users);
        directory.keys.extend(own.keys);
        for (token, app) in own.app_tokens {
            directory.app_tokens.entry(token).or_insert(app);
        }
        let secret = [&self.secret, space.as_bytes()].concat();
        let tokens = Tokens::new(&secret, space);
        Accounts::new(directory, of.leniency, of.limits, tokens, self.new_clock().now_ms())
    }
}

fn once<E>(
    cell: &Mutex<Option<Arc<Image>>>,
    make: impl FnOnce() -> Result<Arc<Image>, E>,
) -> Result<Arc<Image>, E> {
    let mut cell = cell.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(image) = &*cell {
        return Ok(Arc::clone(image));
    }
    let image = make()?;
    *cell = Some(Arc::clone(&image));
    Ok(image)
}
