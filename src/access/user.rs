//! How an account is shown to others, and what it makes of the datasets that it owns.

use super::{Directory, Role};
use crate::soda::{Dataset, FourByFour};

/// Who stands behind a dataset (documented).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// An account with a role on the site.
    Official,
    /// An account without one.
    Community,
}

impl Provenance {
    /// The name in views and the catalogue.
    pub fn name(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Community => "community",
        }
    }

    /// The provenance with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Official, Self::Community].into_iter().find(|provenance| provenance.name() == name)
    }
}

impl Directory {
    /// Who stands behind a dataset: as its metadata says, else by its owner's role.
    pub fn provenance(&self, dataset: &Dataset) -> Provenance {
        let told = dataset.text("provenance").map(str::to_ascii_lowercase);
        if let Some(told) = told.as_deref().and_then(Provenance::parse) {
            return told;
        }
        let owner = dataset.owner.as_deref().and_then(|owner| self.users.get(owner));
        match owner {
            Some(account) if account.role == Role::Community => Provenance::Community,
            _ => Provenance::Official,
        }
    }
}

/// A stable 4x4 for an account, which follows from its name.
pub fn user_id(name: &str) -> String {
    // FNV-1a: the id only has to be the same each time.
    let mut hash =
        name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let letters = [(); 8].map(|()| {
        let letter = FourByFour::ALPHABET[(hash % 32) as usize];
        hash /= 32;
        letter
    });
    FourByFour::of_letters(letters).to_string()
}

/// The name that an account is shown under: what stands before the @ of its e-mail address.
pub fn display_name(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

/// The owner that datasets of a seed are shown with.
pub const SITE_OWNER: &str = "admin@example.com";
