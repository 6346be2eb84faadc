//! A dataset and its columns, as `/api/views` describes them.

use super::{FourByFour, Permissions, SoqlType, SystemField, folded};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// One column that a publisher made.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The id in `/api/views`, unique in the domain.
    pub id: i64,
    /// The number in the column's SQL name, `c<number>`; never used again in the dataset.
    pub number: u32,
    /// The API field name.
    pub field_name: String,
    /// The display name.
    pub name: String,
    /// The type as metadata calls it, such as `calendar_date`.
    pub data_type_name: String,
    /// The type of its values.
    pub soql_type: SoqlType,
    /// Everything else of the column's metadata, such as `description`, `width`, `format`.
    pub extra: Map<String, Value>,
}

impl Column {
    /// The column's name in SQL.
    pub fn sql(&self) -> String {
        format!("c{}", self.number)
    }
}

/// Whether the dataset is a working copy or published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicationStage {
    /// A working copy.
    Unpublished,
    /// Visible to readers.
    Published,
}

impl PublicationStage {
    /// The name in metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unpublished => "unpublished",
            Self::Published => "published",
        }
    }
}

/// A dataset: what it is called, who sees it and what its rows look like.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The number in the SQL name of its table, `d<number>`.
    pub number: i64,
    /// The public id.
    pub id: FourByFour,
    /// The alias that may stand in place of the id.
    pub resource_name: Option<String>,
    /// The display name.
    pub name: String,
    /// Who sees it and with whom it is shared.
    pub permissions: Permissions,
    /// Working copy or published.
    pub stage: PublicationStage,
    /// The published dataset that this working copy was made from.
    pub copy_of: Option<FourByFour>,
    /// The name of the account that owns it; none for datasets of a seed.
    pub owner: Option<String>,
    /// Unix seconds.
    pub created_at: i64,
    /// When its metadata or columns changed last; Unix milliseconds.
    pub metadata_updated_at: i64,
    /// +1 for every change of columns.
    pub schema_version: i64,
    /// 72 bytes under which row ids are enciphered.
    pub id_key: Vec<u8>,
    /// The index in `columns` of the publisher's row identifier.
    pub row_identifier: Option<usize>,
    /// The columns in display order.
    pub columns: Vec<Column>,
    /// Everything else of the metadata, such as `description`, `tags`, `metadata`.
    pub extra: Map<String, Value>,
}

impl Dataset {
    /// Whether it is published, not a working copy.
    pub fn is_published(&self) -> bool {
        self.stage == PublicationStage::Published
    }

    /// The name of its table.
    pub fn table(&self) -> String {
        Self::table_of(self.number)
    }

    /// The name of the table of the dataset with this number.
    pub fn table_of(number: i64) -> String {
        format!("d{number}")
    }

    /// Whether it has rows. What is shown as a file, a link or a map has none (recorded); the displays of
    /// a table are those that production lists for one (recorded), and what a revision makes before it is applied
    /// (client evidence).
    pub fn is_tabular(&self) -> bool {
        let is = |member: &str, kinds: &[&str]| {
            let given = self.extra.get(member).and_then(Value::as_str);
            given.is_none_or(|given| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(given)))
        };
        is("viewType", &["tabular"]) && is("displayType", &["table", "fatrow", "page", "draft"])
    }

    /// The column that identifies rows, when the publisher set one.
    pub fn key_column(&self) -> Option<&Column> {
        self.row_identifier.and_then(|index| self.columns.get(index))
    }

    /// The SQL name of the column of what identifies rows.
    pub fn key_sql(&self) -> String {
        self.key_column().map_or_else(|| SystemField::Id.column().to_owned(), Column::sql)
    }

    /// The SQL names of all columns of its table, the system fields first.
    pub fn row_columns(&self) -> String {
        let system = SystemField::ALL.map(|field| field.column().to_owned());
        system.into_iter().chain(self.columns.iter().map(Column::sql)).collect::<Vec<_>>().join(",")
    }

    /// The field name and type of what identifies rows.
    pub fn key(&self) -> (&str, SoqlType) {
        let id = SystemField::Id;
        self.key_column().map_or((id.name(), id.soql_type()), |c| (c.field_name.as_str(), c.soql_type))
    }
}

/// What a field of a row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The column with this index.
    Column(u16),
    /// A system field. `:created_at` and `:updated_at` are checked, then ignored.
    System(SystemField),
    /// `:deleted`.
    Deleted,
}

/// Finds fields by name. Names compare without case and with `-` = `_`.
#[derive(Debug)]
pub struct FieldNames {
    by_field: HashMap<String, Field>,
    by_display: HashMap<String, Field>,
}

impl FieldNames {
    /// The names of a dataset's columns and of the system fields.
    pub fn new(columns: &[Column]) -> Self {
        let mut by_field = HashMap::new();
        let mut by_display = HashMap::new();
        for (index, column) in (0u16..).zip(columns) {
            by_field.entry(folded(&column.field_name)).or_insert(Field::Column(index));
            by_display.entry(column.name.trim().to_lowercase()).or_insert(Field::Column(index));
        }
        by_field.insert(":deleted".to_owned(), Field::Deleted);
        by_field.extend(SystemField::ALL.map(|field| (field.name().to_owned(), Field::System(field))));
        Self { by_field, by_display }
    }

    /// A field by its API field name.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.by_field.get(name).or_else(|| self.by_field.get(&folded(name))).copied()
    }

    /// A CSV header: field name first, then display name (documented: both occur).
    pub fn header(&self, name: &str) -> Option<Field> {
        self.field(name).or_else(|| self.by_display.get(&name.trim().to_lowercase()).copied())
    }
}
