//! URL parameters to one SoQL text (recorded: the composed text in production's messages).

use super::error::SoqlError;

/// The parameters that are clauses, with the words in front of them, in the order of the text.
const CLAUSES: [(&str, &str); 8] = [
    ("$select", "select"),
    ("$where", "where"),
    ("$group", "group by"),
    ("$having", "having"),
    ("$order", "order by"),
    ("$q", "search"),
    ("$limit", "limit"),
    ("$offset", "offset"),
];

/// A query as one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// The SoQL.
    pub text: String,
    /// `$$bom=true`.
    pub bom: bool,
    /// `$jsonp`: the function that the answer calls.
    pub jsonp: Option<String>,
}

/// Composes the text. `field` gives the field name that a parameter means, if it means one.
pub fn compose(
    query: &[(String, String)],
    field: impl Fn(&str) -> Option<String>,
) -> Result<Composed, SoqlError> {
    let mut filters = Vec::new();
    let mut unknown = Vec::new();
    for (name, value) in query {
        if name.starts_with("$$")
            || ["$query", "$jsonp"].contains(&name.as_str())
            || CLAUSES.iter().any(|(clause, _)| clause == name)
        {
            continue;
        }
        match field(name) {
            // An application token that is no column has been looked at before (wire contract).
            None if name == "app_token" => {}
            Some(field) => filters.push(format!("`{field}` = '{}'", value.replace('\'', "''"))),
            None => unknown.push(name.clone()),
        }
    }
    if !unknown.is_empty() {
        return Err(SoqlError::UnknownArguments(unknown));
    }
    let last = |wanted: &str| query.iter().rev().find(|(name, _)| name == wanted).map(|(_, v)| v.as_str());
    let bom = last("$$bom").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let jsonp = last("$jsonp").map(function_name).transpose()?;
    if let Some(text) = last("$query") {
        let others = !filters.is_empty() || CLAUSES.iter().any(|(clause, _)| last(clause).is_some());
        if others {
            return Err(whole_query_alone(text));
        }
        return Ok(Composed { text: text.to_owned(), bom, jsonp });
    }
    let mut text = String::new();
    for (parameter, words) in CLAUSES {
        let value = match (parameter, last(parameter)) {
            ("$select", None)
                if last("$$exclude_system_fields").is_some_and(|v| v.eq_ignore_ascii_case("false")) =>
            {
                Some(":*, *".to_owned())
            }
            ("$select", None) => Some("*".to_owned()),
            ("$where", given) => condition(given, &filters),
            ("$q", Some(value)) => Some(format!("'{}'", value.replace('\'', "''"))),
            (_, given) => given.map(str::to_owned),
        };
        if let Some(value) = value {
            let space = if text.is_empty() { "" } else { " " };
            text.push_str(&format!("{space}{words} {value}"));
        }
    }
    Ok(Composed { text, bom, jsonp })
}

/// The name of a function of the caller's page; anything else would be a script of its own.
fn function_name(name: &str) -> Result<String, SoqlError> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.' | '[' | ']');
    if !name.is_empty() && name.len() <= 200 && name.chars().all(fine) {
        return Ok(name.to_owned());
    }
    Err(SoqlError::BadParameter { name: "$jsonp".to_owned(), value: name.to_owned() })
}

fn condition(given: Option<&str>, filters: &[String]) -> Option<String> {
    match (given, filters.is_empty()) {
        (None, true) => None,
        (Some(given), true) => Some(given.to_owned()),
        (None, false) => Some(filters.join(" AND ")),
        // The line break keeps a comment at the end of the condition from hiding the bracket.
        (Some(given), false) if given.contains("--") => {
            Some(format!("({given}\n) AND {}", filters.join(" AND ")))
        }
        (Some(given), false) => Some(format!("({given}) AND {}", filters.join(" AND "))),
    }
}

/// `$query` beside other clauses: what production does is not known; refusing is ours.
fn whole_query_alone(text: &str) -> SoqlError {
    let message = "$query is a whole query; put the other clauses and filters into it";
    SoqlError::malformed(text, super::Position::of(text, 0), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(pairs: &[(&str, &str)]) -> Result<String, SoqlError> {
        let query: Vec<_> = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        compose(&query, |n| (n == "a").then(|| n.to_owned())).map(|c| c.text)
    }

    #[test]
    fn clauses_stand_in_the_recorded_order() {
        assert_eq!(composed(&[]).unwrap(), "select *");
        assert_eq!(
            composed(&[("$limit", "abc"), ("$where", "b>1")]).unwrap(),
            "select * where b>1 limit abc"
        );
        assert_eq!(
            composed(&[("a", "it's"), ("$where", "b or c")]).unwrap(),
            "select * where (b or c) AND `a` = 'it''s'"
        );
    }

    #[test]
    fn unknown_names_are_listed() {
        let SoqlError::UnknownArguments(names) = composed(&[("x", "1"), ("$y", "2")]).unwrap_err() else {
            panic!()
        };
        assert_eq!(names, ["x", "$y"]);
    }
}
