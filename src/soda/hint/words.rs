//! Dates in words, as people of several languages write them.

/// The months in German, French, Spanish, Portuguese, Italian and Dutch, as far as they are not as in English.
const MONTHS_ELSEWHERE: [(&str, &[&str]); 12] = [
    ("January", &["januar", "j\u{e4}nner", "janvier", "enero", "janeiro", "gennaio", "januari"]),
    ("February", &["februar", "f\u{e9}vrier", "fevrier", "febrero", "fevereiro", "febbraio", "februari"]),
    ("March", &["m\u{e4}rz", "mars", "marzo", "mar\u{e7}o", "maart"]),
    ("April", &["avril", "abril", "aprile"]),
    ("May", &["mai", "mayo", "maio", "maggio", "mei"]),
    ("June", &["juni", "juin", "junio", "junho", "giugno"]),
    ("July", &["juli", "juillet", "julio", "julho", "luglio"]),
    ("August", &["ao\u{fb}t", "aout", "agosto", "augustus"]),
    ("September", &["septembre", "septiembre", "setembro", "settembre"]),
    ("October", &["oktober", "octobre", "octubre", "outubro", "ottobre"]),
    ("November", &["novembre", "noviembre", "novembro"]),
    ("December", &["dezember", "d\u{e9}cembre", "decembre", "diciembre", "dezembro", "dicembre"]),
];

/// A date in words without what people add to it, in English: `1st of May 2020` is `1 May 2020`, `Sept.` is `Sep`.
/// None when there is nothing to change.
pub fn in_words(text: &str) -> Option<String> {
    const BETWEEN: [&str; 5] = ["of", "the", "de", "del", "den"];
    let plain = if text.contains(' ') {
        let parts =
            text.split(' ').filter(|part| !BETWEEN.iter().any(|word| part.eq_ignore_ascii_case(word)));
        parts.map(english).collect::<Vec<_>>().join(" ")
    } else {
        text.replace(['\u{5e74}', '\u{6708}'], "-").replace('\u{65e5}', "")
    };
    (plain != text).then_some(plain)
}

/// A word of a date as it is in the formats above.
fn english(word: &str) -> String {
    let (bare, comma) = word.strip_suffix(',').map_or((word, ""), |bare| (bare, ","));
    let ending = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    if ending.len() < bare.len()
        && ["st", "nd", "rd", "th", "er"].iter().any(|end| ending.eq_ignore_ascii_case(end))
    {
        return format!("{}{comma}", &bare[..bare.len() - ending.len()]);
    }
    let lower = bare.to_lowercase();
    if matches!(lower.as_str(), "a.m." | "p.m." | "a.m" | "p.m") {
        return lower.replace('.', "").to_uppercase();
    }
    let name = lower.strip_suffix('.').unwrap_or(&lower);
    if !name.chars().all(char::is_alphabetic) {
        return word.to_owned();
    }
    let month = MONTHS_ELSEWHERE.iter().find(|(_, names)| names.contains(&name)).map(|(month, _)| *month);
    let plain = if name == "sept" { "Sep" } else { bare.strip_suffix('.').unwrap_or(bare) };
    format!("{}{comma}", month.unwrap_or(plain))
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn words_become_those_of_english_formats() {
        for (text, plain) in [
            ("1st of May 2020", Some("1 May 2020")),
            ("Sept. 5, 2020", Some("Sep 5, 2020")),
            ("5. M\u{e4}rz 2020", Some("5. March 2020")),
            ("12 de enero de 2020", Some("12 January 2020")),
            ("1/5/2020 1:45 p.m.", Some("1/5/2020 1:45 PM")),
            ("2020\u{5e74}1\u{6708}5\u{65e5}", Some("2020-1-5")),
            ("2 January 2020", None),
            ("2020-01-02 10:00:00", None),
            ("\u{130}. 5", None),
        ] {
            assert_eq!(in_words(text).as_deref(), plain, "{text}");
        }
    }
}
