//! Routes that exist at Socrata and not here: 501, never 404.
//!
//! One table makes the answers, the rows of the coverage matrix and the test. Whoever builds one of
//! these families takes its line out and adds routes; a test fails while a path is in both.

use crate::http::error::ApiError;
use crate::http::evidence::Evidence::{self, Documented, Source};
use crate::http::exchange::RequestContext;
use crate::soda::SodaError;

/// Routes that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The path that all of them begin with, compared segment by segment. `{…}` stands for any
    /// segment; the last segment may have an extension. Core knows its paths below `/api` without it
    /// too (client evidence).
    pub path: &'static str,
    /// What they do.
    pub feature: &'static str,
    /// How it is known that they exist.
    pub evidence: Evidence,
}

const fn family(path: &'static str, feature: &'static str, evidence: Evidence) -> Family {
    Family { path, feature, evidence }
}

/// The table. The first family that fits names the feature.
pub const FAMILIES: &[Family] = &[
    family("/api/imports2", "the import API", Documented),
    family("/datasync", "DataSync's replace by difference", Source),
    family("/api/version", "the platform's version", Source),
    family("/api/odata", "OData v4", Documented),
    family("/OData.svc", "OData v2", Documented),
    family("/{domain}/{4x4}/OData.svc", "OData v2", Documented),
    family("/api/v3", "SODA 3 beyond query and export", Documented),
    family("/api/approvals", "approvals", Documented),
    family("/api/views/{4x4}/approvals", "approvals", Documented),
    family("/api/views/{4x4}/files", "attachments", Source),
    family("/api/views/{4x4}/attachment", "attachments", Source),
    family("/api/views/{4x4}/comments", "comments on datasets", Source),
    family("/api/views/{4x4}/{part}", "this part of a view", Source),
    family("/api/assets", "uploaded files and images", Source),
    family("/api/file_data", "files of file datasets", Source),
    family("/api/archival/{part}", "archival", Source),
    family("/api/curated_regions", "curated regions", Documented),
    family("/api/region_coder", "jobs of curated regions", Documented),
    family("/api/teams", "teams", Documented),
    family("/api/users", "users other than the caller", Source),
    family("/api/catalog/v1/users", "the search for users", Documented),
    family("/api/catalog/v1/teams", "the search for teams", Documented),
    family("/api/catalog/v1/categories", "categories assigned by Socrata", Source),
    family("/api/catalog/v1/tags", "tags assigned by Socrata", Source),
    family("/api/search", "the old search for views", Source),
    family("/api/activity_log", "the activity log", Source),
    family("/api/authenticate", "sign-in by cookie", Source),
    family("/api/configurations", "configurations of a site", Source),
    family("/api/domains", "the site's own description", Source),
    family("/api/licenses", "the list of licenses", Source),
    family("/api/migrations", "migrations between back ends", Source),
    family("/api/batches", "batches of the API before SODA 2", Source),
    family("/api/foundry", "pages about a dataset's API", Documented),
    family("/foundry", "pages about a dataset's API", Documented),
    family("/metadata/v1", "the internal metadata service", Source),
    family("/data.json", "the DCAT catalogue", Documented),
    family("/api/dcat", "the DCAT catalogue", Documented),
    family("/api/stories", "stories", Documented),
    family("/stories", "stories", Documented),
    family("/api/measures", "performance measures", Documented),
    family("/stat", "performance measures", Documented),
    family("/d", "web pages of a site", Documented),
    family("/browse", "web pages of a site", Documented),
    family("/login", "web pages of a site", Documented),
    family("/profile", "web pages of a site", Documented),
];

/// The family that a path belongs to.
pub fn find(path: &str) -> Option<&'static Family> {
    let sent = segments(path);
    FAMILIES.iter().find(|family| {
        let wanted = segments(family.path);
        let below_api = wanted.strip_prefix(&["api"]).filter(|rest| !rest.is_empty());
        begins_with(&sent, &wanted) || below_api.is_some_and(|wanted| begins_with(&sent, wanted))
    })
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn begins_with(sent: &[&str], wanted: &[&str]) -> bool {
    let last = wanted.len() - 1;
    sent.len() >= wanted.len()
        && wanted.iter().zip(sent).enumerate().all(|(index, (wanted, sent))| {
            let extension = sent.strip_prefix(wanted).filter(|_| index == last && sent.len() > wanted.len());
            wanted.starts_with('{') || sent == wanted || extension.is_some_and(|rest| rest.starts_with('.'))
        })
}

/// The refusal of a path, unless no family has it. Credentials and throttle are looked at first, as
/// for any other path.
pub fn refuse(context: &RequestContext) -> Option<ApiError> {
    let path = context.head.uri.path();
    let family = find(path)?;
    Some(context.admit().err().unwrap_or_else(|| refusal(family, path)))
}

/// 501 that names the feature and the path.
pub fn refusal(family: &Family, path: &str) -> ApiError {
    const SHOWN: usize = 120;
    let path: String = path.chars().take(SHOWN).collect();
    SodaError::not_emulated(&format!("{} ({path})", family.feature)).into()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn paths_are_compared_by_whole_segments() {
        for (path, feature) in [
            ("/api/odata/v4/abcd-2345", Some("OData v4")),
            ("/OData.svc/abcd-2345", Some("OData v2")),
            ("/data.city.gov/abcd-2345/OData.svc/$metadata", Some("OData v2")),
            ("/api/version.json", Some("the platform's version")),
            ("/version.json", Some("the platform's version")),
            ("/api/views/abcd-2345/files.txt", Some("attachments")),
            ("/views/abcd-2345/files/1", Some("attachments")),
            ("/api/views/abcd-2345/rows/1", Some("this part of a view")),
            ("/data.json", Some("the DCAT catalogue")),
            ("/api/versions", None),
            ("/api/odatas", None),
            ("/api/publishingx/v1", None),
            ("/api/views/abcd-2345", None),
            ("/data", None),
            ("/data.jsonx", None),
            ("/api", None),
            ("/", None),
        ] {
            assert_eq!(find(path).map(|family| family.feature), feature, "{path}");
        }
    }
}
