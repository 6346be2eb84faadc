//! The table of functions for people and for completion.

use super::types::CLASSES;
use super::{Entry, Evidence, Kind, Template, table};
use serde_json::{Value, json};

/// How the entry is written: an operator's form, or name and parameters.
pub fn form(entry: &Entry) -> String {
    if !entry.form.is_empty() {
        return entry.form.to_owned();
    }
    entry.overloads.first().map_or_else(String::new, |(signature, _)| written(entry.name, signature))
}

fn written(name: &str, signature: &str) -> String {
    let left = signature.split("->").next().unwrap_or("");
    let (fixed, repeated) = left.split_once('|').unwrap_or((left, ""));
    let mut parts: Vec<String> = fixed.split_whitespace().map(type_word).collect();
    if !repeated.trim().is_empty() {
        parts.push("…".to_owned());
    }
    format!("{name}({})", parts.join(", "))
}

fn type_word(word: &str) -> String {
    let base = word.strip_suffix('2').unwrap_or(word);
    let class = CLASSES.iter().find(|(letter, _, _)| *letter == base).map(|(_, words, _)| *words);
    class.unwrap_or(word).to_owned()
}

/// `text, number -> text`, with classes in words.
fn signature(source: &str) -> String {
    let (left, result) = source.split_once("->").unwrap_or((source, ""));
    let (fixed, repeated) = left.split_once('|').unwrap_or((left, ""));
    let words = |part: &str| part.split_whitespace().map(type_word).collect::<Vec<_>>().join(", ");
    let repeated = match repeated.trim() {
        "" => String::new(),
        repeated => format!(" [, {} …]", words(repeated)),
    };
    format!("{}{repeated} -> {}", words(fixed), type_word(result.trim())).trim_start().to_owned()
}

fn signatures(entry: &Entry) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (source, _) in entry.overloads {
        let text = signature(source);
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Scalar => "scalar",
        Kind::Aggregate => "aggregate",
        Kind::Window => "window",
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Source => "source",
    }
}

fn is_emulated(entry: &Entry) -> bool {
    entry.overloads.iter().any(|(_, template)| *template != Template::NotEmulated)
}

/// Names that can be typed: functions, not operators and fields.
fn completes(entry: &Entry) -> bool {
    entry.form.is_empty() || entry.name.starts_with("count")
}

/// The whole table as JSON.
pub fn as_json() -> Value {
    let one = |subject: &str, entry: &Entry| {
        json!({
            "name": entry.name.trim_end_matches("/*"),
            "form": form(entry),
            "subject": subject,
            "kind": kind(entry.kind),
            "signatures": signatures(entry),
            "doc": entry.doc,
            "example": entry.example,
            "evidence": evidence(entry.evidence),
            "emulated": is_emulated(entry),
            "completes": completes(entry),
        })
    };
    let functions: Vec<Value> = table::SUBJECTS
        .iter()
        .flat_map(|(subject, entries)| entries.iter().map(move |entry| one(subject, entry)))
        .collect();
    let words: Vec<&str> = KEYWORDS.split_whitespace().collect();
    json!({ "functions": functions, "keywords": words })
}

const KEYWORDS: &str = "SELECT DISTINCT EXCEPT AS FROM WHERE GROUP BY HAVING ORDER ASC DESC NULL FIRST LAST LIMIT OFFSET SEARCH JOIN LEFT RIGHT FULL OUTER ON UNION INTERSECT MINUS ALL AND OR NOT IS IN BETWEEN LIKE CASE WHEN THEN ELSE END TRUE FALSE OVER PARTITION ROWS RANGE GROUPS UNBOUNDED PRECEDING CURRENT ROW FOLLOWING FILTER";

/// The language in a few lines: how clauses, literals and nulls work.
const LANGUAGE: &str = "\
A query is given by parameters:
  $select $where $group $having $order $limit $offset $q, or $query as a whole;
  a parameter named as a column is a filter: region=Tonga.

SELECT [DISTINCT] :*, * (EXCEPT a), expression [AS alias], …
  [WHERE c] [GROUP BY e, …] [HAVING c] [ORDER BY e [ASC|DESC] [NULL FIRST|LAST], …]
  [SEARCH 'words'] [LIMIT n] [OFFSET n]
  query |> query          the second reads what the first gives
  query UNION [ALL] query, INTERSECT [ALL], MINUS [ALL]
  JOIN @abcd-1234 AS b ON @b.x = y      also LEFT, RIGHT, FULL OUTER

'text' (a quote is doubled), \"text\" (with \\n, \\u00e9), 1.5, TRUE, FALSE, NULL, `a-name`.
A text literal is read as what its place needs: a number, a time, WKT, …; columns never are.
1000 rows are given unless LIMIT says otherwise. Nulls are left out of JSON.
Numbers are exact decimals and keep their scale; the JSON answer has them as strings.
Text compares by code point, case-sensitive. $q stems English words; all must occur.
From loosest: OR, AND, NOT, IS IN LIKE BETWEEN, comparison, + - ||, * / %, ^ (to the right),
sign, ::type, .field.
";

/// Columns that the plain text takes.
const WIDTH: usize = 96;

/// The reference as plain text.
pub fn as_text() -> String {
    let mut out = format!("SoQL\n\n{LANGUAGE}");
    for (subject, entries) in table::SUBJECTS {
        out.push_str(&format!("\n\n{}\n", subject.to_uppercase()));
        for entry in entries {
            out.push_str(&text_entry(entry));
        }
    }
    out.push_str("\ndocumented: on the developer site. source: in the public back end.\n");
    out
}

/// The form with the mark at the right, then the sentence, the signatures that the form does not tell,
/// and the example.
fn text_entry(entry: &Entry) -> String {
    let signatures = signatures(entry);
    let told = entry.form.is_empty() && signatures.len() == 1;
    let result = signatures.first().and_then(|s| s.split_once("->")).filter(|_| told);
    let head = format!("{}{}", form(entry), result.map_or(String::new(), |(_, t)| format!(" ->{t}")));
    let note = if is_emulated(entry) { "" } else { ", not emulated" };
    let mark = format!("{}{note}", evidence(entry.evidence));
    let room = WIDTH.saturating_sub(head.chars().count() + 2);
    let mut out = format!("\n{head}  {mark:>room$}\n{}", wrapped(entry.doc));
    for text in signatures.iter().filter(|_| !told) {
        out.push_str(&format!("    {text}\n"));
    }
    out + &format!("    e.g.  {}\n", entry.example)
}

/// A sentence in lines, indented.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut line = String::from("   ");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(word);
    }
    out + &line + "\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
code,pre{font:0.9em ui-monospace,monospace}pre{white-space:pre-wrap;padding:1rem;border:1px solid;border-radius:6px}\
dt{margin-top:1rem;font-weight:600}dd{margin:0 0 0 1.5rem}.sig{opacity:.75}.mark{opacity:.6;font-size:.8em}\
nav a{margin-right:1rem}input{font:inherit;padding:.3rem .5rem;width:100%;box-sizing:border-box}";

/// The reference as a page.
pub fn as_html() -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>SoQL reference</title><style>{STYLE}</style><h1>SoQL</h1><pre>{}</pre><nav>",
        escaped(LANGUAGE)
    );
    for (index, (subject, _)) in table::SUBJECTS.iter().enumerate() {
        out.push_str(&format!("<a href=\"#s{index}\">{}</a>", escaped(subject)));
    }
    out.push_str("</nav>");
    for (index, (subject, entries)) in table::SUBJECTS.iter().enumerate() {
        out.push_str(&format!("<h2 id=\"s{index}\">{}</h2><dl>", escaped(subject)));
        for entry in *entries {
            out.push_str(&html_entry(entry));
        }
        out.push_str("</dl>");
    }
    out.push_str(
        "<p class=\"mark\">documented: on the developer site. source: in the public back end.</p></html>\n",
    );
    out
}

fn html_entry(entry: &Entry) -> String {
    let signatures: Vec<String> = signatures(entry).iter().map(|s| escaped(s)).collect();
    let note = if is_emulated(entry) { "" } else { ", not emulated" };
    format!(
        "<dt><code>{}</code> <span class=\"mark\">{}{note}</span></dt><dd>{}<br><code class=\"sig\">{}</code><br>e.g. <code>{}</code></dd>",
        escaped(&form(entry)),
        evidence(entry.evidence),
        escaped(entry.doc),
        signatures.join("<br>"),
        escaped(entry.example)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_name_every_function() {
        let (text, html, json) = (as_text(), as_html(), as_json().to_string());
        for entry in table::all() {
            let form = form(entry);
            assert!(text.contains(&form), "{form}");
            assert!(html.contains(&escaped(&form)), "{form}");
            assert!(json.contains(&serde_json::Value::from(form.as_str()).to_string()), "{form}");
        }
        assert_eq!(signature("A | A -> A"), "any [, any …] -> any");
    }
}
