//! Paths of `/resource`: dataset, row, extension.

use crate::soda::SodaError;
use percent_encoding::percent_decode_str;

/// The extensions that are cut; anything else belongs to the name, as a row id may contain dots.
const EXTENSIONS: [&str; 7] = ["json", "csv", "tsv", "geojson", "cjson", "xml", "rdf"];

/// A path segment without its extension, and the extension in lower case.
pub fn split_extension(segment: &str) -> (&str, Option<&'static str>) {
    let Some((name, extension)) = segment.rsplit_once('.') else { return (segment, None) };
    let known = EXTENSIONS.iter().find(|e| e.eq_ignore_ascii_case(extension));
    match known {
        Some(known) if !name.is_empty() => (name, Some(known)),
        _ => (segment, None),
    }
}

/// A percent-decoded segment; `+` stays a plus.
pub fn decode(segment: &str) -> Result<String, SodaError> {
    percent_decode_str(segment)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| SodaError::invalid("The path is not valid UTF-8"))
}

/// The pairs of a query string, decoded, in order. The names that begin with `$` are the API's own and
/// count without case (client evidence); they are given in lower case.
pub fn query_pairs(query: Option<&str>) -> Result<Vec<(String, String)>, SodaError> {
    let decode_form = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| SodaError::invalid("The query string is not valid UTF-8"))
    };
    query
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let mut name = decode_form(name)?;
            if name.starts_with('$') {
                name.make_ascii_lowercase();
            }
            Ok((name, decode_form(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_api_count_without_case() {
        let pairs = query_pairs(Some("$LIMIT=A&%24%24App_Token=B&Name=C&errorsAreFatal=d")).unwrap();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["$limit", "$$app_token", "Name", "errorsAreFatal"]);
        assert_eq!(pairs[0].1, "A");
    }

    #[test]
    fn only_known_extensions_are_cut() {
        for (segment, name, extension) in [
            ("4tka-6guv.json", "4tka-6guv", Some("json")),
            ("4tka-6guv.CSV", "4tka-6guv", Some("csv")),
            ("row-aaaa.bbbb", "row-aaaa.bbbb", None),
            ("v1.2.json", "v1.2", Some("json")),
            (".json", ".json", None),
            ("plain", "plain", None),
        ] {
            assert_eq!(split_extension(segment), (name, extension));
        }
    }
}
