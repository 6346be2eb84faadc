//! What is emulated, with the evidence for it and the tests that show it.
//!
//! A row for each endpoint that a route serves, and for each parameter, header and Socrata feature that
//! a publisher might send. The rows of the admin API are made from its routes. Tests fail when an
//! endpoint has no row, or when a row names a test that is not there.

mod publishing;

use super::route::{Route, get};
use crate::http::evidence::{Evidence, Status};
use crate::http::not_emulated::FAMILIES;
use Evidence::{Documented, Ours, Recorded, Source};
use Status::{Emulated, Partly, Refused};
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::Uri;
use schemars::JsonSchema;
use serde::Serialize;

/// A row of the matrix.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Row {
    /// `METHOD /path`, or the paths that belong together.
    pub endpoint: String,
    /// A parameter, header or member of it; nothing when the row is about the endpoint.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub parameter: &'static str,
    /// How far.
    pub status: Status,
    /// Why so.
    pub evidence: Evidence,
    /// Limits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Tests that show it: `module::name` below `tests/it` or `src`, or a file below `tests`.
    pub tests: &'static [&'static str],
}

/// The matrix of what is emulated.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Coverage {
    /// One row for each endpoint and for each parameter, header or feature.
    pub coverage: Vec<Row>,
}

type WireRow = (&'static str, &'static str, Status, Evidence, &'static str, &'static [&'static str]);

/// The calls of this file.
pub fn routes() -> Vec<Route> {
    let call = get("/coverage", "What is emulated, partly or refused, with evidence and tests.", show)
        .query("format", "json, or text for people.")
        .answers::<Coverage>(r#"{"coverage": [{"endpoint": "POST /resource/{4x4}", "status": "emulated", "evidence": "documented", "tests": []}]}"#)
        .also_answers(&["text/plain"])
        .shown_by(&["coverage::every_endpoint_has_a_row_and_every_row_an_endpoint"]);
    vec![call]
}

/// `GET /coverage`.
async fn show(uri: Uri) -> Response {
    let rows = matrix(&super::routes());
    if uri.query().is_some_and(|q| q.split('&').any(|pair| pair == "format=text")) {
        return as_text(&rows).into_response();
    }
    Json(Coverage { coverage: rows }).into_response()
}

/// The matrix: what is served, what is refused as a whole, and the calls of the admin API.
pub fn matrix(admin: &[Route]) -> Vec<Row> {
    let wire =
        WIRE.iter().chain(publishing::ROWS).map(|(endpoint, parameter, status, evidence, note, tests)| Row {
            endpoint: (*endpoint).to_owned(),
            parameter,
            status: *status,
            evidence: *evidence,
            note: (*note).to_owned(),
            tests,
        });
    let refused = FAMILIES.iter().map(|family| Row {
        endpoint: family.path.to_owned(),
        parameter: "",
        status: Refused,
        evidence: family.evidence,
        note: format!("{}: 501 not_emulated", family.feature),
        tests: &["not_emulated::every_family_is_refused_by_name"],
    });
    let admin = admin.iter().map(|route| Row {
        endpoint: format!("{} /__mock/v1{}", route.method, route.path),
        parameter: "",
        status: Emulated,
        evidence: Ours,
        note: route.summary.to_owned(),
        tests: route.shown_by,
    });
    wire.chain(refused).chain(admin).collect()
}

/// The matrix for people: a heading for each endpoint, its parameters below it.
pub fn as_text(rows: &[Row]) -> String {
    let name = |row: &Row| match row.parameter {
        "" => row.endpoint.clone(),
        parameter => format!("  {parameter}"),
    };
    let width = rows.iter().map(|row| name(row).chars().count()).max().unwrap_or(0).min(60);
    let mut text = String::new();
    let mut heading = "";
    for row in rows {
        if !row.parameter.is_empty() && row.endpoint != heading {
            text.push_str(&format!("{}\n", row.endpoint));
        }
        heading = &row.endpoint;
        let (status, evidence) = (word(row.status), word(row.evidence));
        let line = format!("{:<width$}  {status:<8}  {evidence:<10}  {}", name(row), row.note);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

const ROWS: &str = "POST|PUT /resource/{4x4}";
const SODA3: &str = "/api/v3/views/{4x4}/query, export";
const QUERY: &str = "GET /resource/{4x4}";
const ANY: &str = "every endpoint";
const CATALOG: &str = "GET /api/catalog/v1";

/// Everything but the admin API.
#[rustfmt::skip]
const WIRE: &[WireRow] = &[
    ("POST /resource/{4x4}", "", Emulated, Documented, "upsert; also /id and /api/id", &["publish::upsert_counts_what_became_of_each_row"]),
    ("PUT /resource/{4x4}", "", Emulated, Documented, "replace, in one transaction", &["publish::replace_empties_and_inserts"]),
    ("DELETE /resource/{4x4}", "", Emulated, Source, "empties; 405 with --strict", &["wire::a_dataset_is_emptied_by_delete_unless_strict"]),
    (ROWS, "JSON array, JSON object", Emulated, Documented, "", &["wire::a_single_object_is_answered_with_the_row"]),
    (ROWS, "text/csv, text/tab-separated-values", Emulated, Documented, "", &["publish::csv_is_told_by_its_content_type"]),
    (ROWS, "application/vnd.geo+json", Emulated, Ours, "a FeatureCollection", &["wire::bodies_may_be_geojson_forms_or_compressed"]),
    (ROWS, "application/x-www-form-urlencoded", Emulated, Source, "one row", &["wire::bodies_may_be_geojson_forms_or_compressed"]),
    (ROWS, "Content-Encoding: gzip", Emulated, Ours, "also unlabelled", &["wire::bodies_may_be_geojson_forms_or_compressed"]),
    (ROWS, "any other Content-Type", Refused, Ours, "415", &["wire::bodies_may_be_geojson_forms_or_compressed"]),
    (ROWS, "?errorsAreFatal, ?nonFatalRowErrors[]", Emulated, Source, "", &["wire::row_errors_are_fatal_when_asked_to_be"]),
    (ROWS, "?mergeInsteadOfReplace", Emulated, Source, "", &["wire::an_update_clears_what_is_not_sent_when_asked_to"]),
    (ROWS, "?truncate", Emulated, Source, "POST", &["wire::an_update_clears_what_is_not_sent_when_asked_to"]),
    (ROWS, "?expectedDataVersion, X-SODA2-Truth-Version", Emulated, Source, "409", &["wire::a_write_against_another_version_is_refused"]),
    (ROWS, "?$$version=2.0", Emulated, Source, "the other answer to an upload", &["wire::the_answer_to_an_upload_has_three_forms"]),
    (ROWS, "X-Mock-Report: rows", Emulated, Ours, "each row's fate", &["wire::the_answer_to_an_upload_has_three_forms"]),
    (ROWS, ":deleted", Emulated, Documented, "", &["publish::upsert_counts_what_became_of_each_row"]),
    (ROWS, "a cell with a stray quote", Refused, Documented, "400 with line and cell: RFC 4180", &["misread::cells_that_are_no_rfc_4180_are_refused_with_line_and_cell"]),
    (ROWS, "a location as a text", Emulated, Documented, "(lat, lon), address (lat, lon); an address alone is stored, not geocoded, with X-Mock-Warning", &["locations::a_text_is_read_in_json_as_in_a_cell"]),
    (ROWS, "a computed column", Partly, Source, "holds what is written; nothing is computed", &["documentation::the_demo_is_the_recorded_dataset"]),
    (ROWS, "X-Mock-Hint", Emulated, Ours, "what to change, in the words of the format that was sent", &["hints::every_text_that_its_type_refuses_is_named_in_the_words_of_each_format", "misread::a_body_of_another_format_is_told_its_media_type"]),
    (ROWS, "a refusal's body", Emulated, Ours, "code, error, message, errorCode, data: what readers of either of production's bodies look for; 404 soda.row.not-found as recorded", &["error_codes::every_code_is_earned_by_a_request"]),
    (ROWS, ":version", Emulated, Source, "optimistic lock", &["wire::a_row_version_is_an_optimistic_lock"]),
    (QUERY, "", Emulated, Documented, "json, csv, tsv, geojson; the format by extension, else Accept", &["wire::rows_are_read_in_four_formats", "soql::formats::the_format_is_told_by_extension_then_by_accept"]),
    (QUERY, ".cjson", Emulated, Source, "no row_count", &["soql::formats::rows_come_in_every_format"]),
    (QUERY, ".xml", Partly, Recorded, "attributes of a row only beside :id", &["soql::formats::rows_come_in_every_format"]),
    (QUERY, ".rdf", Refused, Documented, "501 not_emulated: the one documented example has texts only and a mapping of each site's own; how other types, nulls and row ids are written is not known", &["soql::formats::rows_come_in_every_format"]),
    (QUERY, "If-None-Match, If-Modified-Since, If-Match", Emulated, Source, "304, 412", &["soql::formats::conditions_spare_the_answer_or_refuse_it"]),
    (QUERY, "$select $where $group $having $order $limit $offset $q $query", Partly, Documented, "what is refused is listed below", &["wire::clauses_filter_group_and_order", "soql::functions::texts_follow_postgresql"]),
    (QUERY, "the size of a query", Partly, Ours, "400 with the bound: 64 tables, 1998 columns, 20000 expressions and more, most of them SQLite's; numbers have PostgreSQL's digits, values 32 MiB", &["soql::limits::each_bound_is_reached_and_told", "soql::extremes::a_number_that_is_too_long_is_refused_with_the_bound"]),
    (QUERY, "JOIN LATERAL", Refused, Source, "501: which names a joined query sees, and in which order, only the newer analyzer decides, which reads of /resource were not seen to use; SQLite has no such join", &["soql::functions::what_is_not_emulated_is_named"]),
    (QUERY, "concave_hull", Refused, Source, "501: its shape differs between versions of PostGIS, and production's is not known", &["soql::functions::what_is_not_emulated_is_named"]),
    (QUERY, "geo_make_valid of a polygon into several parts", Refused, Source, "501: its type is that of the argument, and what production makes of several parts is not known", &["soql::functions::polygons_are_made_valid"]),
    (QUERY, "field=value", Emulated, Documented, "", &["wire::clauses_filter_group_and_order"]),
    (QUERY, "$$exclude_system_fields", Emulated, Documented, "", &["wire::clauses_filter_group_and_order"]),
    (QUERY, "$jsonp", Emulated, Documented, "the exact text is a guess; credentials of the request are ignored", &["soql::formats::jsonp_and_the_byte_order_mark_are_given_when_asked_for", "accounts::credentials_of_a_jsonp_request_are_not_used"]),
    (QUERY, "If-None-Match", Emulated, Recorded, "304", &["publish::an_unchanged_dataset_is_not_sent_twice"]),
    ("GET /resource/{4x4}/{row}", "", Emulated, Documented, "by the publisher's identifier or :id", &["publish::one_row_is_read_changed_and_deleted_by_its_key"]),
    ("POST /resource/{4x4}/{row}", "", Emulated, Documented, "merge", &["publish::one_row_is_read_changed_and_deleted_by_its_key"]),
    ("PUT /resource/{4x4}/{row}", "", Emulated, Documented, "replaces one row; the source answers 405", &["publish::one_row_is_read_changed_and_deleted_by_its_key"]),
    ("DELETE /resource/{4x4}/{row}", "", Emulated, Documented, "", &["publish::one_row_is_read_changed_and_deleted_by_its_key"]),
    (ANY, "Authorization: Basic", Emulated, Documented, "password or API key", &["publish::who_may_not_write_is_told_why", "api_keys::a_key_is_made_used_listed_and_deleted"]),
    (ANY, "Authorization: OAuth", Emulated, Documented, "JWT; Bearer too (ours)", &["accounts::a_minted_token_writes_until_it_expires"]),
    (ANY, "X-App-Token, $$app_token, app_token", Emulated, Documented, "a throttling pool, never a login", &["publish::who_may_not_write_is_told_why"]),
    (ANY, "429 and Retry-After", Emulated, Ours, "its body is a guess", &["accounts::an_empty_pool_says_when_to_come_back"]),
    (ANY, "X-Mock-Space, host NAME.localhost", Emulated, Ours, "an isolated world in the same process", &["spaces::sixty_four_tests_in_parallel_do_not_see_each_other"]),
    (ANY, "CONNECT and whole addresses, as a proxy", Emulated, Ours, "every host ends here; once a domain is named, others are refused 502 by name or forwarded", &["server::proxy::a_tunnel_to_any_site_ends_here_with_a_certificate_for_it", "server::domains::a_named_domain_ends_here_and_other_hosts_are_refused_by_name", "server::domains::other_hosts_are_forwarded_untouched_where_that_is_wanted"]),
    (ANY, "X-Mock-Space on CONNECT", Emulated, Ours, "the space of what comes through the tunnel", &["server::domains::a_tunnel_belongs_to_the_space_that_its_request_names"]),
    (ANY, "X-Socrata-RequestId", Emulated, Recorded, "a client's own is kept", &["publish::every_answer_has_a_request_id_and_a_clients_own_is_kept"]),
    (ANY, "X-Mock-Warning", Emulated, Ours, "what a write was sent and had no effect", &["details::what_has_no_effect_is_told_in_a_warning", "details::a_flag_that_does_not_delete_is_told_in_a_warning"]),
    ("GET /oauth/authorize", "", Emulated, Documented, "server flow; with --strict over https only", &["accounts::the_oauth_flow_gives_a_token_once", "accounts::strict_wants_https_for_the_whole_oauth_flow"]),
    ("GET /oauth/authorize", "redirect_uri", Emulated, Documented, "absolute, and compared with the callback prefix by origin and path segments; https, without --strict also http on loopback hosts", &["accounts::a_redirect_outside_the_callback_prefix_is_refused"]),
    ("POST /oauth/authorize", "", Emulated, Ours, "the form of our page", &["accounts::the_oauth_flow_gives_a_token_once"]),
    ("POST /oauth/access_token", "", Emulated, Documented, "", &["accounts::the_oauth_flow_gives_a_token_once"]),
    ("GET /api/views", "", Emulated, Recorded, "also /views, with and without .json, here and below", &["wire::metadata_is_read_changed_and_removed"]),
    ("POST /api/views", "", Emulated, Recorded, "", &["accounts::a_publishers_set_up_sequence_works"]),
    ("POST /api/views", "dataTypeName", Emulated, Recorded, "in any case of letters", &["set_up::type_names_count_without_case"]),
    ("POST /api/views", "columns: [] with metadata.rowIdentifier", Emulated, Ours, "the identifier takes effect when its column comes", &["set_up::a_row_identifier_waits_for_its_column"]),
    ("POST /api/views", "displayType, viewType", Emulated, Recorded, "kept; what is no table has no rows", &["set_up::what_is_shown_as_no_table_has_no_rows"]),
    ("GET /api/views/{4x4}", "", Emulated, Recorded, "", &["wire::metadata_is_read_changed_and_removed"]),
    ("PUT /api/views/{4x4}", "", Emulated, Recorded, "", &["wire::metadata_is_read_changed_and_removed"]),
    ("PUT /api/views/{4x4}", "?method=setPermission", Emulated, Recorded, "public.read, private; other methods: 405", &["views::permissions_are_set_by_put_alone"]),
    ("/api/views, /api/views/{4x4}", "?method= other than setPermission", Refused, Source, "501 not_emulated", &["not_emulated::methods_in_the_query_that_are_not_emulated_are_named"]),
    ("PATCH /api/views/{4x4}", "", Emulated, Ours, "as PUT", &["wire::metadata_is_read_changed_and_removed"]),
    ("DELETE /api/views/{4x4}", "", Emulated, Recorded, "", &["accounts::a_publishers_set_up_sequence_works"]),
    ("GET /api/views/{4x4}/columns", "", Emulated, Recorded, "", &["wire::columns_are_read_changed_and_removed"]),
    ("POST /api/views/{4x4}/columns", "", Emulated, Recorded, "", &["accounts::a_publishers_set_up_sequence_works"]),
    ("GET /api/views/{4x4}/columns/{column}", "", Emulated, Recorded, "", &["wire::columns_are_read_changed_and_removed"]),
    ("PUT /api/views/{4x4}/columns/{column}", "", Emulated, Recorded, "", &["wire::columns_are_read_changed_and_removed"]),
    ("PATCH /api/views/{4x4}/columns/{column}", "", Emulated, Ours, "as PUT", &["wire::columns_are_read_changed_and_removed"]),
    ("DELETE /api/views/{4x4}/columns/{column}", "", Emulated, Recorded, "", &["wire::columns_are_read_changed_and_removed"]),
    ("POST /api/views/{4x4}/publication", "", Emulated, Recorded, "", &["accounts::a_publishers_set_up_sequence_works"]),
    ("POST /api/views/{4x4}/publication", "?method=copy, ?method=copySchema", Emulated, Recorded, "one working copy of a dataset: 409 for a second (source)", &["accounts::a_publishers_set_up_sequence_works", "set_up::a_second_working_copy_is_refused_with_the_name_of_the_first"]),
    ("GET /api/views/{4x4}/permissions", "", Emulated, Documented, "scope, accessLevels of an open-data site, users; for any account that may read the dataset (ours)", &["permissions::the_permissions_object_is_read_changed_and_put_back"]),
    ("PUT /api/views/{4x4}/permissions", "", Emulated, Documented, "scope, shares with accounts and e-mail addresses, transfer of ownership; teams: none", &["permissions::the_permissions_object_is_read_changed_and_put_back", "permissions::each_level_of_access_takes_effect", "permissions::what_a_put_may_not_hold_is_named"]),
    ("GET /api/views/{4x4}/replication", "", Emulated, Source, "", &["wire::set_up_scripts_find_what_they_ask_for"]),
    ("GET /api/views/{4x4}/rows", "", Partly, Ours, "csv, tsv, json (arrays behind the view); all rows; other downloads: 501", &["wire::set_up_scripts_find_what_they_ask_for", "views::rows_json_is_arrays_behind_the_view"]),
    ("GET /api/views/metadata/v1", "", Emulated, Documented, "limit, page, method=help; all published datasets that the caller may read", &["metadata::published_datasets_are_listed_by_pages"]),
    ("GET /api/views/metadata/v1/{4x4}", "", Emulated, Documented, "private custom fields for who may change the dataset", &["metadata::metadata_is_the_same_truth_as_the_view"]),
    ("PATCH /api/views/metadata/v1/{4x4}", "", Emulated, Documented, "unverified: the texts of errors", &["metadata::metadata_is_the_same_truth_as_the_view", "metadata::what_a_patch_may_not_hold_is_named"]),
    ("PATCH /api/views/metadata/v1/{4x4}", "validateOnly, strict", Emulated, Documented, "the names errors and warnings, and what is a warning, are ours", &["metadata::a_change_can_be_tried_without_being_made"]),
    ("GET /api/users/current", "", Emulated, Documented, "", &["accounts::the_oauth_flow_gives_a_token_once", "permissions::users_are_told_in_json_and_xml"]),
    ("GET /users/current.xml", "", Emulated, Documented, "the names of the elements are ours", &["permissions::users_are_told_in_json_and_xml"]),
    ("GET /api/users/{user}", "", Partly, Source, "an account by its 4x4; no list, no changes", &["permissions::users_are_told_in_json_and_xml"]),
    ("GET /api/api_keys", "", Emulated, Documented, "limit, sortBy, sortOrder, seek, nameSearch, includeDeleted; the order without sortBy is ours", &["api_keys::keys_are_sorted_searched_and_paged", "api_keys::each_refusal_has_its_documented_code"]),
    ("POST /api/api_keys", "", Emulated, Documented, "unverified: the limits of a name (255 characters) and of active keys (100)", &["api_keys::a_key_is_made_used_listed_and_deleted", "api_keys::an_account_has_a_bounded_number_of_keys"]),
    ("GET /api/api_keys/{id}", "", Emulated, Documented, "a deleted key: 404 API_KEY.TOKEN_DELETED (the status is ours)", &["api_keys::a_key_is_made_used_listed_and_deleted"]),
    ("DELETE /api/api_keys/{id}", "", Emulated, Documented, "a deleted key: 404 API_KEY.TOKEN_DELETED (the status is ours)", &["api_keys::a_key_is_made_used_listed_and_deleted"]),
    (CATALOG, "", Emulated, Documented, "also /catalog/v1; the site is the host of the request; order without q, weights of relevance: ours", &["catalog::a_result_has_the_recorded_shape", "catalog::assets_are_found_by_who_may_see_them"]),
    (CATALOG, "ids, domains, search_context, names, only, attribution, license, column_names, provenance, for_user, shared_to, public, visibility, audience, published, explicitly_hidden, data_json_hidden, custom metadata", Emulated, Documented, "", &["catalog::every_filter_filters", "catalog::every_filter_of_ownership_and_visibility_filters"]),
    (CATALOG, "categories, tags", Partly, Documented, "the site's own, with and without search_context; Socrata assigns none here", &["catalog::every_filter_filters"]),
    (CATALOG, "approval_status, derived, parent_ids, derived_from", Emulated, Documented, "everything is approved, nothing is derived from another asset", &["catalog::every_filter_filters"]),
    (CATALOG, "q, min_should_match", Emulated, Documented, "stemmed words in the documented fields", &["catalog::text_is_searched_in_the_documented_fields"]),
    (CATALOG, "order, offset, limit, scroll_id, boostOfficial, show_visibility", Emulated, Documented, "nothing was ever viewed", &["catalog::results_are_ordered_boosted_and_paged", "catalog::assets_are_found_by_who_may_see_them"]),
    (CATALOG, "q_internal, slop, age_decay, show_score, locale, boosts of fields, types and domains", Refused, Source, "501 not_emulated", &["catalog::what_cannot_be_asked_is_refused_by_name"]),
    ("GET /api/catalog/v1/domains", "", Emulated, Documented, "one domain: the site", &["catalog::assets_are_counted_by_domain_tag_category_and_facet"]),
    ("GET /api/catalog/v1/domain_tags", "", Emulated, Documented, "", &["catalog::assets_are_counted_by_domain_tag_category_and_facet"]),
    ("GET /api/catalog/v1/domain_categories", "", Emulated, Documented, "", &["catalog::assets_are_counted_by_domain_tag_category_and_facet"]),
    ("GET /api/catalog/v1/domains/{domain}/facets", "", Emulated, Documented, "types, categories, tags, provenance, custom metadata; the names of the first four follow the source", &["catalog::assets_are_counted_by_domain_tag_category_and_facet"]),
    ("GET /api/catalog/v1/autocomplete", "", Emulated, Documented, "each word begins a word of the title (ours)", &["catalog::titles_and_tags_are_completed"]),
    ("GET /api/catalog/v1/tags/autocomplete", "", Emulated, Documented, "", &["catalog::titles_and_tags_are_completed"]),
    ("GET /api/geocoding/{4x4}", "", Partly, Recorded, "?method=pending: nothing is ever pending; other methods: 501", &["wire::set_up_scripts_find_what_they_ask_for", "not_emulated::methods_in_the_query_that_are_not_emulated_are_named"]),
    ("GET /__mock/", "", Emulated, Ours, "the web page", &["page::every_view_is_the_page_and_all_its_files_are_there"]),
    ("GET /__mock/help/{topic}", "", Emulated, Ours, "the guide; errors/{code} is one error code", &["help::every_page_of_the_guide_is_served", "help::a_refusal_names_the_page_of_its_error_code"]),
    ("GET /__mock/openapi.json", "", Emulated, Ours, "the admin API, OpenAPI 3.1", &["coverage::the_document_has_each_call_and_resolves_its_references"]),
    ("GET /api/v3/views/{4x4}/query", "", Partly, Recorded, "unverified: errors (those of 2.1); parameters of saved queries: 501; anonymous is answered, as was seen", &["soql::soda3::queries_are_answered_as_recorded"]),
    ("GET /api/v3/views/{4x4}/export", "", Partly, Documented, "unverified: errors", &["soql::soda3::an_export_has_no_limit"]),
    ("POST /api/v3/views/{4x4}/query", "", Partly, Recorded, "unverified: errors (those of 2.1); parameters of saved queries: 501; anonymous is answered, as was seen", &["soql::soda3::queries_are_answered_as_recorded"]),
    ("POST /api/v3/views/{4x4}/export", "", Partly, Documented, "unverified: errors", &["soql::soda3::an_export_has_no_limit"]),
    (SODA3, "timeout", Emulated, Documented, "seconds; --query-timeout is the most; stopped with 408", &["soql::soda3::a_timeout_stops_a_query"]),
    (SODA3, "orderingSpecifier, page", Emulated, Documented, "total (with a page the default), no_preserve, discard; what completes an order is the source's: groups, :id, or all that is selected", &["soql::soda3::an_order_is_completed_or_discarded"]),
    (SODA3, "includeSystem, includeSynthetic", Partly, Documented, "production adds :id, :version, :created_at and :updated_at unless told not to; here includeSystem: true adds them, to plain selects of a dataset", &["soql::soda3::system_columns_come_when_asked_for"]),
    (SODA3, "serializationOptions", Partly, Documented, "separator and bom of CSV; preciseTimestamps of XML: 501", &["soql::soda3::csv_is_written_as_its_options_say"]),
    (SODA3, "an option of the other endpoint", Refused, Ours, "400; production may ignore it", &["soql::soda3::csv_is_written_as_its_options_say"]),
];
