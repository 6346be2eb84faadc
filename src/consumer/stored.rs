//! Stored rows as they are, with their system fields.

use super::{Facts, Form, ReadFormat};
use crate::soda::{Dataset, SoqlType, Stored};

/// Rows of a dataset in the order in which they were created: those after a row's number, all for -1;
/// at most `limit`, all for -1.
pub fn stored_rows(dataset: &Dataset, after: i64, limit: i64, format: ReadFormat) -> Facts {
    let mut columns: Vec<(String, SoqlType)> = vec![
        (":id".to_owned(), SoqlType::RowIdentifier),
        (":version".to_owned(), SoqlType::RowVersion),
        (":created_at".to_owned(), SoqlType::FixedTimestamp),
        (":updated_at".to_owned(), SoqlType::FixedTimestamp),
    ];
    let mut list = "sid,version,created_at,updated_at".to_owned();
    for column in &dataset.columns {
        columns.push((column.field_name.clone(), column.soql_type));
        list.push_str(&format!(",{}", column.sql()));
    }
    let sql = format!("SELECT {list} FROM {} WHERE sid>?1 ORDER BY sid LIMIT ?2", dataset.table());
    Facts {
        sql,
        params: vec![Stored::Int(after), Stored::Int(limit)],
        columns,
        format,
        form: Form::default(),
        single: false,
    }
}
