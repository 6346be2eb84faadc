//! Numbers as people and spreadsheets write them.

use crate::soda::value::canonical_number;

/// What stands in a number that does not belong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Blanks, also those that do not break a line.
    Blanks,
    /// Commas between groups of three digits.
    Commas,
    /// Points between groups of three digits.
    Points,
    /// Apostrophes or underscores between groups of digits.
    Marks,
    /// `$`, `€`, `USD`.
    Currency,
    /// `%`.
    Percent,
    /// `(5.00)` for a negative amount.
    Brackets,
    /// A minus sign that is no hyphen.
    Minus,
    /// A comma in the place of the decimal point.
    DecimalComma,
    /// An apostrophe in front, which keeps a spreadsheet from reading a number.
    Apostrophe,
}

impl Sign {
    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Blanks => "take out blanks",
            Self::Commas => "take out grouping commas",
            Self::Points => "take out grouping points",
            Self::Marks => "take out grouping marks",
            Self::Currency => "take out the currency sign",
            Self::Percent => "take out the percent sign",
            Self::Brackets => "write a minus sign for the brackets",
            Self::Minus => "write a hyphen for the long minus sign",
            Self::DecimalComma => "write a decimal point for the comma",
            Self::Apostrophe => "take out the apostrophe",
        }
    }
}

/// Codes and signs of currencies.
const CURRENCIES: [&str; 12] = ["$", "€", "£", "¥", "₹", "¢", "USD", "EUR", "GBP", "CAD", "CHF", "US$"];

/// The number that is meant, and what made it none.
pub fn plain(text: &str) -> Option<(String, Vec<Sign>)> {
    // A comma before a blank parts the members of a list, such as a pair of coordinates.
    if text.split(',').skip(1).any(|part| part.starts_with(char::is_whitespace)) {
        return None;
    }
    let mut signs = Vec::new();
    let mut rest: String = text.to_owned();
    let mut take = |rest: &mut String, sign: Sign, taken: String| {
        if taken != *rest {
            signs.push(sign);
            *rest = taken;
        }
    };
    let trimmed = rest.strip_prefix('\'').map_or_else(|| rest.clone(), str::to_owned);
    take(&mut rest, Sign::Apostrophe, trimmed);
    let hyphened = rest.replace(['\u{2212}', '\u{2013}'], "-");
    take(&mut rest, Sign::Minus, hyphened);
    let unbracketed = match rest.trim().strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        Some(inner) => format!("-{inner}"),
        None => rest.clone(),
    };
    take(&mut rest, Sign::Brackets, unbracketed);
    let bare = CURRENCIES.iter().rev().fold(rest.clone(), |text, currency| text.replace(currency, ""));
    take(&mut rest, Sign::Currency, bare);
    let bare = rest.trim_end().strip_suffix('%').map_or_else(|| rest.clone(), str::to_owned);
    take(&mut rest, Sign::Percent, bare);
    let bare: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
    take(&mut rest, Sign::Blanks, bare);
    let bare = rest.replace(['\'', '\u{2019}', '_'], "");
    take(&mut rest, Sign::Marks, bare);
    for (sign, bare) in without_commas(&rest) {
        take(&mut rest, sign, bare);
    }
    let number = canonical_number(&rest)?;
    (!signs.is_empty()).then_some((number, signs))
}

/// Commas and points group digits or part the decimals, as it is in several languages: the last of two
/// different ones parts the decimals, and so does a single one that parts no group of three. The text
/// after each step.
fn without_commas(text: &str) -> Vec<(Sign, String)> {
    let grouped = |separator: char| {
        let mut groups = text.trim_start_matches(['-', '+']).split(separator);
        let first = groups.next().unwrap_or("");
        (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3) && text.contains(separator)
    };
    let (no_commas, no_points) = (text.replace(',', ""), text.replace('.', ""));
    match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) if comma < point => vec![(Sign::Commas, no_commas)],
        (Some(_), Some(_)) => {
            let decimal = no_points.replace(',', ".");
            vec![(Sign::Points, no_points), (Sign::DecimalComma, decimal)]
        }
        (Some(_), None) if grouped(',') => vec![(Sign::Commas, no_commas)],
        (Some(_), None) => vec![(Sign::DecimalComma, text.replace(',', "."))],
        (None, Some(_)) if text.matches('.').count() > 1 && grouped('.') => vec![(Sign::Points, no_points)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Sign, plain};

    #[test]
    fn the_number_that_is_meant() {
        for (text, number, sign) in [
            ("1,234.5", "1234.5", Sign::Commas),
            ("1,234,567", "1234567", Sign::Commas),
            ("-1,234", "-1234", Sign::Commas),
            ("1.234,5", "1234.5", Sign::DecimalComma),
            ("1,5", "1.5", Sign::DecimalComma),
            ("1.234.567", "1234567", Sign::Points),
            ("$5", "5", Sign::Currency),
            ("5 EUR", "5", Sign::Currency),
            ("50%", "50", Sign::Percent),
            (" 5", "5", Sign::Blanks),
            ("1\u{a0}000", "1000", Sign::Blanks),
            ("1_000", "1000", Sign::Marks),
            ("1'000", "1000", Sign::Marks),
            ("'5", "5", Sign::Apostrophe),
            ("(5.00)", "-5.00", Sign::Brackets),
            ("\u{2212}5", "-5", Sign::Minus),
            ("($1,234.50)", "-1234.50", Sign::Currency),
        ] {
            let (found, signs) = plain(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found, number, "{text}");
            assert!(signs.contains(&sign), "{text}: {signs:?}");
        }
        for none in ["(1, 2)", "100, 200", "5", "many", "", "$", "1,2,3", "1e", "12/5", "1.2.3", "--5"] {
            assert_eq!(plain(none), None, "{none}");
        }
    }
}
