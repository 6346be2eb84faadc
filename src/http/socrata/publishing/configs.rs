//! Import configs: named recipes for sources of one form.

use super::with_status;
use crate::http::exchange::RequestContext;
use crate::http::socrata::answer::Answered;
use crate::publishing::{config as rules, limits, missing, revision as revisions, shape, source, too_many};
use crate::soda::SodaError;
use crate::store::publishing::{self as objects, ImportConfig};
use crate::store::{StoreError, WriteTx};
use http::StatusCode;
use serde_json::Value;

fn shown(config: &ImportConfig) -> Value {
    shape::config(config, &source::shown_options(&config.parse_options))
}

fn answer(status: StatusCode, config: &ImportConfig) -> Answered {
    Ok(with_status(status, &shown(config)))
}

/// `GET /config`.
pub fn list(context: &RequestContext) -> Answered {
    context.user()?;
    let configs = context.state.space.store().read(objects::configs)?;
    Ok(with_status(StatusCode::OK, &configs.iter().map(shown).collect()))
}

/// `POST /config`.
pub async fn create(context: &RequestContext) -> Answered {
    context.allowed(context.caller().may_create())?;
    let (asker, sent) = (context.asker()?, context.object()?);
    insert(context, rules::new(&sent, &asker)?).await
}

async fn insert(context: &RequestContext, mut config: ImportConfig) -> Answered {
    let job = move |tx: &WriteTx<'_>| -> Result<ImportConfig, StoreError> {
        if objects::config_named(tx, &config.name)?.is_some() {
            return Err(rules::taken(&config.name).into());
        }
        if objects::count::<ImportConfig>(tx, None)? >= limits::CONFIGS {
            return Err(too_many("import configs", limits::CONFIGS).into());
        }
        config.id = objects::new_id(tx)?;
        objects::insert(tx, &config)?;
        Ok(config)
    };
    let made = context.state.space.store().write(job).await?;
    answer(StatusCode::CREATED, &made)
}

/// `POST /config/build_from/O`: the recipe that an output schema is.
pub async fn build(context: &RequestContext, output: &str) -> Answered {
    context.allowed(context.caller().may_create())?;
    let (asker, sent) = (context.asker()?, context.object()?);
    let number = output.parse().map_err(|_| missing("output schema", output))?;
    let found = context.state.space.store().read(|tx| revisions::schema_with_source(tx, number))?;
    let (schema, _, source) = found.ok_or_else(|| missing("output schema", output))?;
    // Whoever may not see the source is told that there is none.
    context.source(&source.id.to_string()).map_err(|_| missing("output schema", output))?;
    insert(context, rules::of_schema(&schema, &source.parse_options, &sent, &asker)?).await
}

/// `GET /config/NAME`.
pub fn show(context: &RequestContext, name: &str) -> Answered {
    context.user()?;
    answer(StatusCode::OK, &context.config(name)?)
}

/// `PATCH /config/NAME`.
pub async fn update(context: &RequestContext, name: &str) -> Answered {
    context.allowed(context.caller().may_create())?;
    let (now, sent) = (context.now_ms(), context.object()?);
    let change = move |config: &mut ImportConfig| -> Result<(), SodaError> {
        rules::change(config, &sent)?;
        config.updated_at = now;
        Ok(())
    };
    let name = name.to_owned();
    let job = move |tx: &WriteTx<'_>| -> Result<ImportConfig, StoreError> {
        let found = objects::config_named(tx, &name)?;
        let mut config = found.ok_or_else(|| missing("import config", &name))?;
        change(&mut config)?;
        objects::save(tx, &config)?;
        Ok(config)
    };
    answer(StatusCode::ACCEPTED, &context.state.space.store().write(job).await?)
}

/// `DELETE /config/NAME`.
pub async fn remove(context: &RequestContext, name: &str) -> Answered {
    context.allowed(context.caller().may_create())?;
    let name = name.to_owned();
    let job = move |tx: &WriteTx<'_>| -> Result<ImportConfig, StoreError> {
        let found = objects::config_named(tx, &name)?;
        let config = found.ok_or_else(|| missing("import config", &name))?;
        objects::forget::<ImportConfig>(tx, config.id)?;
        Ok(config)
    };
    answer(StatusCode::CREATED, &context.state.space.store().write(job).await?)
}

/// `POST /config/NAME/revision/4x4`: a revision that follows the config.
pub async fn create_revision(context: &RequestContext, name: &str, id: &str) -> Answered {
    context.user()?;
    let config = context.config(name)?;
    let mut sent = context.object()?;
    sent.insert("config".to_owned(), config.name.into());
    super::revisions::create_of(context, id, &sent).await
}
