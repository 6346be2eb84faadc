//! Paths to the objects. A client fills the braces of a template, so no other brace may stand in one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const BASE: &str = "/api/publishing/v1";

/// Letters of a name that stand in a path as they are.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Paths of a revision.
pub struct RevisionLinks(String);

impl RevisionLinks {
    /// Those of a dataset's revision with this number.
    pub fn new(fourfour: &str, seq: i64) -> Self {
        Self(format!("{BASE}/revision/{fourfour}/{seq}"))
    }

    /// The path of one of its task sets.
    pub fn task_set(&self, id: i64) -> String {
        format!("{}/apply/{id}", self.0)
    }

    /// All of them.
    pub fn json(&self) -> Value {
        let own = &self.0;
        json!({
            "show": own,
            "update": own,
            "discard": own,
            "apply": format!("{own}/apply"),
            "plan": format!("{own}/plan"),
            "restore": format!("{own}/restore"),
            "create_source": format!("{own}/source"),
            "list_sources": format!("{own}/source"),
        })
    }
}

/// Paths of a source, with templates for its schemas.
pub struct SourceLinks(String);

impl SourceLinks {
    /// Those of the source with this id.
    pub fn new(id: i64) -> Self {
        Self(format!("{BASE}/source/{id}"))
    }

    /// The path of the source.
    pub fn path(&self) -> &str {
        &self.0
    }

    /// All of them.
    pub fn json(&self) -> Value {
        let own = &self.0;
        json!({
            "show": own,
            "bytes": own,
            "add_to_revision": own,
            "load": format!("{own}/load"),
            "initiate": format!("{own}/initiate"),
            "update": format!("{own}/options"),
            "cancel": format!("{own}/cancel"),
            "chunk": format!("{own}/chunk/{{seq_num}}/{{byte_offset}}"),
            "commit": format!("{own}/chunk/{{seq_num}}/{{byte_offset}}/commit"),
            "input_schema_links": input_schema(own, "{input_schema_id}"),
        })
    }
}

/// Paths of an input schema, with templates for its output schemas.
pub struct InputSchemaLinks(Value);

impl InputSchemaLinks {
    /// Those of a source's input schema.
    pub fn new(source: i64, id: i64) -> Self {
        Self(input_schema(&SourceLinks::new(source).0, &id.to_string()))
    }

    /// All of them.
    pub fn json(self) -> Value {
        self.0
    }
}

/// Paths of an output schema, with a template for its transforms.
pub struct OutputSchemaLinks(Value);

impl OutputSchemaLinks {
    /// Those of an output schema of an input schema of a source.
    pub fn new(source: i64, input: i64, id: i64) -> Self {
        Self(output_schema(&SourceLinks::new(source).0, &input.to_string(), &id.to_string()))
    }

    /// All of them.
    pub fn json(self) -> Value {
        self.0
    }
}

fn input_schema(source: &str, id: &str) -> Value {
    let own = format!("{source}/schema/{id}");
    json!({
        "show": own,
        "transform": own,
        "latest_output": format!("{own}/output/latest"),
        "row_errors": format!("{own}/errors"),
        "output_schema_links": output_schema(source, id, "{output_schema_id}"),
    })
}

fn output_schema(source: &str, input: &str, id: &str) -> Value {
    let input = format!("{source}/schema/{input}");
    json!({
        "show": format!("{input}/output/{id}"),
        "rows": format!("{input}/rows/{id}"),
        "schema_errors": format!("{input}/errors/{id}"),
        "validate_row_id": format!("{source}/transform/{{transform_id}}/validate_row_identifier"),
        "build_config": format!("{BASE}/config/build_from/{id}"),
    })
}

/// Paths of an import config.
pub struct ConfigLinks(String);

impl ConfigLinks {
    /// Those of the config with this name.
    pub fn new(name: &str) -> Self {
        Self(format!("{BASE}/config/{}", utf8_percent_encode(name, SEGMENT)))
    }

    /// All of them.
    pub fn json(&self) -> Value {
        let own = &self.0;
        json!({
            "show": own,
            "update": own,
            "delete": own,
            "list": format!("{BASE}/config"),
            "create_revision": format!("{own}/revision/{{fourfour}}"),
        })
    }
}
