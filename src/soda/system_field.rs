//! The fields that every row has besides the publisher's: their names, types and columns in SQL.

use super::SoqlType;

/// A system field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemField {
    /// What names the row as long as it lives.
    Id,
    /// What changes with each write of the row.
    Version,
    /// When the row was made.
    CreatedAt,
    /// When the row was written last.
    UpdatedAt,
}

impl SystemField {
    /// All of them in the order in which they stand in tables, and in which SODA 3 adds them (recorded).
    pub const ALL: [Self; 4] = [Self::Id, Self::Version, Self::CreatedAt, Self::UpdatedAt];
    /// All of them in the order of `:*` (recorded).
    pub const OF_STAR: [Self; 4] = [Self::Id, Self::CreatedAt, Self::UpdatedAt, Self::Version];

    /// The field's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => ":id",
            Self::Version => ":version",
            Self::CreatedAt => ":created_at",
            Self::UpdatedAt => ":updated_at",
        }
    }

    /// The field with this name, in small letters as it is always written.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Its column in each table of rows.
    pub fn column(self) -> &'static str {
        match self {
            Self::Id => "sid",
            Self::Version => "version",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }

    /// The type of its values.
    pub fn soql_type(self) -> SoqlType {
        match self {
            Self::Id => SoqlType::RowIdentifier,
            Self::Version => SoqlType::RowVersion,
            Self::CreatedAt | Self::UpdatedAt => SoqlType::FixedTimestamp,
        }
    }
}
