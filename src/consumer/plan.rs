//! A request's parameters to a query that can run.

use super::encode::{Form, ReadFormat};
use super::query::Facts;
use crate::access::Reader;
use crate::soda::value::Rules;
use crate::soda::{Dataset, Field, SystemField, Value};
use crate::soql::{
    Adaptation, Composed, Environment, Relation, SoqlError, SourceColumn, compile_adapted, compose,
};
use crate::store::{Catalogue, Entry};
use std::sync::Arc;

/// What is asked.
pub struct Question<'a> {
    /// Of which dataset.
    pub entry: &'a Entry,
    /// Where joined datasets are found.
    pub catalogue: &'a Catalogue,
    /// Who reads; decides what may be joined.
    pub reader: &'a Reader,
    /// The decoded parameters.
    pub query: &'a [(String, String)],
    /// The query's text, when it is not made of the parameters.
    pub text: Option<&'a str>,
    /// What is asked beyond the query's text.
    pub adaptation: Adaptation,
    /// The answer's form.
    pub format: ReadFormat,
    /// The clock's milliseconds.
    pub now_ms: i64,
}

/// The query of a row list.
pub fn rows(question: &Question<'_>) -> Result<Facts, SoqlError> {
    plan(question, relation(&question.entry.dataset), Vec::new(), false)
}

/// The query of one row.
pub fn row(question: &Question<'_>, key: Value<'static>) -> Result<Facts, SoqlError> {
    let dataset = &question.entry.dataset;
    let by = dataset.key_sql();
    let relation = relation(dataset).row(&by);
    plan(question, relation, vec![key], true)
}

/// The text that the parameters make.
pub fn composed(question: &Question<'_>) -> Result<Composed, SoqlError> {
    if let Some(text) = question.text {
        return Ok(Composed { text: text.to_owned(), ..Composed::default() });
    }
    let entry = question.entry;
    compose(question.query, |name| match entry.layout.names.field(name)? {
        Field::Column(index) => entry.dataset.columns.get(usize::from(index)).map(|c| c.field_name.clone()),
        Field::System(field) => Some(field.name().to_owned()),
        Field::Deleted => None,
    })
}

fn plan(
    question: &Question<'_>,
    relation: Relation,
    params: Vec<Value<'static>>,
    single: bool,
) -> Result<Facts, SoqlError> {
    let entry = question.entry;
    let composed = composed(question)?;
    let other = |name: &str| {
        let found = question.catalogue.find(name)?;
        question.reader.may_read(&found.dataset).then(|| self::relation(&found.dataset))
    };
    let rules = Rules { strict_types: false, id_cipher: &entry.cipher };
    let environment =
        Environment { relation: &relation, other: &other, rules, now_ms: question.now_ms, params };
    let compiled = compile_adapted(&composed.text, &environment, question.adaptation)?;
    Ok(Facts {
        sql: compiled.sql.into(),
        params: compiled.params,
        columns: Arc::new(compiled.columns.into()),
        format: question.format,
        form: Form {
            bom: composed.bom,
            separator: None,
            jsonp: composed.jsonp.filter(|_| question.format == ReadFormat::Json && !single),
            key: entry.dataset.key_column().map(|c| c.field_name.clone()),
            soda3: false,
            head: None,
        },
        single,
    })
}

/// A dataset as a source of queries.
fn relation(dataset: &Dataset) -> Relation {
    let key = dataset.key_column().map(|c| c.number);
    let system = SystemField::OF_STAR.map(|field| SourceColumn {
        name: field.name().to_owned(),
        soql_type: field.soql_type(),
        sql: field.column().to_owned(),
        system: true,
        nullable: false,
        size: 1,
    });
    let mut columns = Vec::from(system);
    columns.extend(dataset.columns.iter().map(|column| SourceColumn {
        name: column.field_name.clone(),
        soql_type: column.soql_type,
        sql: column.sql(),
        system: false,
        nullable: key != Some(column.number),
        size: 1,
    }));
    Relation::of_table(dataset.table(), columns)
}
