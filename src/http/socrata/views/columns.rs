//! `/api/views/4x4/columns`.

use super::shape;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::{Answered, answer, empty};
use crate::producer::{add_columns, change_column, column_index, remove_column};
use crate::soda::SodaError;
use crate::store::WriteTx;
use serde_json::Value;
use std::sync::Arc;

/// `GET …/columns`.
pub fn list(context: &RequestContext, id: &str) -> Answered {
    let entry = context.entry(id)?;
    let columns = entry.dataset.columns.iter().enumerate();
    Ok(answer(&columns.map(|(i, c)| shape::column(c, i)).collect::<Value>()))
}

/// `GET …/columns/ID`.
pub fn show(context: &RequestContext, id: &str, wanted: &str) -> Answered {
    let entry = context.entry(id)?;
    let index = column_index(&entry.dataset, wanted)?;
    Ok(answer(&shape::column(&entry.dataset.columns[index], index)))
}

/// `POST …/columns` with a column, or with an array of them for `method=multiCreate`.
pub async fn create(context: &RequestContext, id: &str) -> Answered {
    let entry = context.writable(id)?;
    let (sent, many) = match context.json()? {
        Value::Array(list) => (list, true),
        // One client wraps the list (client evidence).
        Value::Object(mut map) if context.head.parameter("method") == Some("multiCreate") => {
            match map.remove("columns") {
                Some(Value::Array(list)) => (list, true),
                _ => {
                    return Err(SodaError::invalid("multiCreate needs a list of columns")
                        .hint("Send {\"columns\": [{\"name\": …, \"dataTypeName\": …}]}.")
                        .into());
                }
            }
        }
        other => (vec![other], false),
    };
    let (added, now) = (sent.len(), context.now_ms());
    let ids = Arc::clone(&context.state.space.ids);
    let job = move |tx: &WriteTx<'_>| add_columns(tx, &entry.dataset, &sent, &ids, now);
    let dataset = context.state.space.store().define(job).await?;
    let made = dataset.columns.iter().enumerate().skip(dataset.columns.len() - added);
    let mut made = made.map(|(index, column)| shape::column(column, index));
    Ok(answer(&if many { made.collect() } else { made.next().unwrap_or_default() }))
}

/// `PUT …/columns/ID`: names and presentation; a type cannot change here.
pub async fn update(context: &RequestContext, id: &str, wanted: &str) -> Answered {
    let entry = context.writable(id)?;
    let (sent, wanted, now) = (context.object()?, wanted.to_owned(), context.now_ms());
    let job = move |tx: &WriteTx<'_>| change_column(tx, &entry.dataset, &wanted, sent, now);
    let (dataset, index) = context.state.space.store().define(job).await?;
    Ok(answer(&shape::column(&dataset.columns[index], index)))
}

/// `DELETE …/columns/ID`.
pub async fn remove(context: &RequestContext, id: &str, wanted: &str) -> Answered {
    let entry = context.writable(id)?;
    let (wanted, now) = (wanted.to_owned(), context.now_ms());
    let job = move |tx: &WriteTx<'_>| remove_column(tx, &entry.dataset, &wanted, now);
    context.state.space.store().define(job).await?;
    Ok(empty())
}
