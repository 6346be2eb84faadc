//! The routes of the Data Management API. What no route has below its address is refused by name.

use super::socrata::publishing;
use super::wire::{WireRoute, route};
use axum::routing::any;

const BELOW: &[&str] = &["/api/publishing/v1"];

/// All of them.
pub fn routes() -> Vec<WireRoute> {
    [revisions(), sources(), schemas(), settings()].into_iter().flatten().collect()
}

/// Revisions of datasets.
fn revisions() -> Vec<WireRoute> {
    vec![
        route(BELOW, &["/revision"], any(publishing::revisions), &[("POST", "/api/publishing/v1/revision")]),
        route(
            BELOW,
            &["/revision/{id}"],
            any(publishing::of_dataset),
            &[("GET POST", "/api/publishing/v1/revision/{4x4}")],
        ),
        route(
            BELOW,
            &["/revision/{id}/{seq}"],
            any(publishing::revision),
            &[("GET PUT PATCH DELETE", "/api/publishing/v1/revision/{4x4}/{seq}")],
        ),
        route(
            BELOW,
            &["/revision/{id}/{seq}/{part}"],
            any(publishing::part_of_revision),
            &[
                ("PUT", "/api/publishing/v1/revision/{4x4}/{seq}/apply"),
                ("GET", "/api/publishing/v1/revision/{4x4}/{seq}/plan"),
                ("GET POST", "/api/publishing/v1/revision/{4x4}/{seq}/source"),
                ("POST", "/api/publishing/v1/revision/{4x4}/{seq}/restore"),
                ("POST", "/api/publishing/v1/revision/{4x4}/{seq}/attachment"),
            ],
        ),
        route(
            BELOW,
            &["/revision/{id}/{seq}/apply/{task_set}"],
            any(publishing::task_set),
            &[("GET", "/api/publishing/v1/revision/{4x4}/{seq}/apply/{task_set}")],
        ),
        route(
            BELOW,
            &["/revision/{id}/{seq}/source/download"],
            any(publishing::download),
            &[("GET", "/api/publishing/v1/revision/{4x4}/{seq}/source/download")],
        ),
        route(
            BELOW,
            &["/revision/{id}/{seq}/source/download/{source}"],
            any(publishing::download_one),
            &[("GET", "/api/publishing/v1/revision/{4x4}/{seq}/source/download/{source}")],
        ),
    ]
}

/// Sources and their bytes.
fn sources() -> Vec<WireRoute> {
    vec![
        route(BELOW, &["/source"], any(publishing::sources), &[("POST", "/api/publishing/v1/source")]),
        route(
            BELOW,
            &["/source/{source}"],
            any(publishing::source),
            &[("GET POST PATCH", "/api/publishing/v1/source/{source}")],
        ),
        route(
            BELOW,
            &["/source/{source}/{part}"],
            any(publishing::part_of_source),
            &[
                ("POST", "/api/publishing/v1/source/{source}/initiate"),
                ("POST", "/api/publishing/v1/source/{source}/options"),
                ("PUT", "/api/publishing/v1/source/{source}/load"),
            ],
        ),
        route(
            BELOW,
            &["/source/{source}/chunk/{seq_num}/{byte_offset}"],
            any(publishing::chunk),
            &[("POST", "/api/publishing/v1/source/{source}/chunk/{seq_num}/{byte_offset}")],
        ),
        route(
            BELOW,
            &["/source/{source}/chunk/{seq_num}/{byte_offset}/commit"],
            any(publishing::commit),
            &[("POST", "/api/publishing/v1/source/{source}/chunk/{seq_num}/{byte_offset}/commit")],
        ),
    ]
}

/// What sources have, and what is made of it.
fn schemas() -> Vec<WireRoute> {
    vec![
        route(
            BELOW,
            &["/source/{source}/transform/{transform}"],
            any(publishing::transform),
            &[("GET", "/api/publishing/v1/source/{source}/transform/{transform}")],
        ),
        route(
            BELOW,
            &["/source/{source}/transform/{transform}/validate_row_identifier"],
            any(publishing::validate_row_identifier),
            &[("GET", "/api/publishing/v1/source/{source}/transform/{transform}/validate_row_identifier")],
        ),
        route(
            BELOW,
            &["/source/{source}/schema/{input}"],
            any(publishing::input_schema),
            &[("GET POST", "/api/publishing/v1/source/{source}/schema/{input}")],
        ),
        route(
            BELOW,
            &["/source/{source}/schema/{input}/errors"],
            any(publishing::row_errors),
            &[("GET", "/api/publishing/v1/source/{source}/schema/{input}/errors")],
        ),
        route(
            BELOW,
            &["/source/{source}/schema/{input}/{part}/{output}"],
            any(publishing::output_schema),
            &[
                ("GET", "/api/publishing/v1/source/{source}/schema/{input}/output/{output}"),
                ("GET", "/api/publishing/v1/source/{source}/schema/{input}/rows/{output}"),
                ("GET", "/api/publishing/v1/source/{source}/schema/{input}/errors/{output}"),
            ],
        ),
    ]
}

/// Import configs, and any other path.
fn settings() -> Vec<WireRoute> {
    vec![
        route(BELOW, &["/config"], any(publishing::configs), &[("GET POST", "/api/publishing/v1/config")]),
        route(
            BELOW,
            &["/config/{name}"],
            any(publishing::config),
            &[("GET PATCH DELETE", "/api/publishing/v1/config/{name}")],
        ),
        route(
            BELOW,
            &["/config/build_from/{output}"],
            any(publishing::build_config),
            &[("POST", "/api/publishing/v1/config/build_from/{output}")],
        ),
        route(
            BELOW,
            &["/config/{name}/revision/{id}"],
            any(publishing::revision_of_config),
            &[("POST", "/api/publishing/v1/config/{name}/revision/{4x4}")],
        ),
        route(BELOW, &["/schedule"], any(publishing::schedules), &[("GET", "/api/publishing/v1/schedule")]),
        route(
            BELOW,
            &["/schedule/{id}"],
            any(publishing::schedule),
            &[("GET POST PUT DELETE", "/api/publishing/v1/schedule/{4x4}")],
        ),
        route(
            BELOW,
            &["/connection_agent"],
            any(publishing::connection_agents),
            &[("GET", "/api/publishing/v1/connection_agent")],
        ),
        route(BELOW, &["/{*rest}"], any(publishing::other), &[]),
    ]
}
