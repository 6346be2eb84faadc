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
    /// Characters that cannot be seen, such as a byte-order mark.
    Invisible,
    /// Digits of another script than Latin.
    Digits,
    /// A minus sign behind the number.
    MinusBehind,
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
            Self::Invisible => "take out invisible characters",
            Self::Digits => "write the digits 0 to 9",
            Self::MinusBehind => "write the minus sign in front",
            Self::Apostrophe => "take out the apostrophe",
        }
    }
}

/// Codes and signs of currencies.
const CURRENCIES: [&str; 36] = [
    "$", "€", "£", "¥", "₹", "¢", "₽", "₩", "₪", "₺", "₫", "₴", "₦", "₱", "฿", "R", "kr", "kr.", "zł", "Kč",
    "Ft", "lei", "Fr.", "USD", "EUR", "GBP", "CAD", "AUD", "CHF", "SEK", "NOK", "DKK", "PLN", "BRL", "INR",
    "JPY",
];

/// Characters without a width: byte-order marks, directions, soft hyphens.
const INVISIBLE: [char; 9] = [
    '\u{FEFF}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{200E}', '\u{200F}', '\u{202A}', '\u{202C}', '\u{AD}',
];

/// The digit that a character of another script stands for.
fn latin_digit(c: char) -> Option<char> {
    const ZEROS: [u32; 5] = [0x660, 0x6F0, 0x966, 0x9E6, 0xFF10];
    let code = u32::from(c);
    ZEROS.iter().find_map(|zero| char::from_digit(code.checked_sub(*zero).filter(|n| *n < 10)?, 10))
}

/// A text without the sign or code of a currency at one of its ends; a word of letters stands alone there.
fn without_currency(text: &str) -> String {
    let is_letter = |c: char| c.is_alphabetic();
    let mut rest = text.trim();
    while let Some(bare) = CURRENCIES.iter().find_map(|currency| {
        let front = rest
            .strip_prefix(currency)
            .filter(|bare| !currency.ends_with(is_letter) || !bare.starts_with(is_letter));
        let behind = rest
            .strip_suffix(currency)
            .filter(|bare| !currency.starts_with(is_letter) || !bare.ends_with(is_letter));
        front.or(behind)
    }) {
        rest = bare.trim();
    }
    // The sign of a number may stand before the currency's.
    match rest.strip_prefix('-').map(str::trim_start) {
        Some(behind) if CURRENCIES.iter().any(|currency| behind.starts_with(currency)) => {
            format!("-{}", without_currency(behind))
        }
        _ if rest.len() == text.trim().len() => text.to_owned(),
        _ => rest.to_owned(),
    }
}

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
    let visible = rest.replace(INVISIBLE, "");
    take(&mut rest, Sign::Invisible, visible);
    let latin = rest.chars().map(|c| latin_digit(c).unwrap_or(c)).collect();
    take(&mut rest, Sign::Digits, latin);
    let hyphened = rest.replace(['\u{2212}', '\u{2013}'], "-");
    take(&mut rest, Sign::Minus, hyphened);
    let unbracketed = match rest.trim().strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        Some(inner) => format!("-{inner}"),
        None => rest.clone(),
    };
    take(&mut rest, Sign::Brackets, unbracketed);
    let bare = without_currency(&rest);
    take(&mut rest, Sign::Currency, bare);
    let bare = rest.trim_end().strip_suffix('%').map_or_else(|| rest.clone(), str::to_owned);
    take(&mut rest, Sign::Percent, bare);
    let in_front = rest.trim_end().strip_suffix('-').filter(|bare| !bare.is_empty() && !bare.contains('-'));
    let in_front = in_front.map_or_else(|| rest.clone(), |bare| format!("-{}", bare.trim()));
    take(&mut rest, Sign::MinusBehind, in_front);
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
    // By thousands, or by hundreds above the first thousand as in India.
    let grouped = |separator: char| {
        let mut groups: Vec<usize> =
            text.trim_start_matches(['-', '+']).split(separator).map(str::len).collect();
        let last = groups.pop();
        let first = groups.first().copied().unwrap_or(0);
        let inner = groups.get(1..).unwrap_or(&[]);
        last == Some(3)
            && ((1..=3).contains(&first) && inner.iter().all(|len| *len == 3)
                || (1..=2).contains(&first) && inner.iter().all(|len| *len == 2))
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
            ("5 kr", "5", Sign::Currency),
            ("R$ 5", "5", Sign::Currency),
            ("5,00 z\u{142}", "5.00", Sign::Currency),
            ("-$5", "-5", Sign::Currency),
            ("USD 1,234.50", "1234.50", Sign::Currency),
            ("1,23,456", "123456", Sign::Commas),
            ("5.00-", "-5.00", Sign::MinusBehind),
            ("\u{feff}5", "5", Sign::Invisible),
            ("\u{200b}5\u{ad}", "5", Sign::Invisible),
            ("\u{663}", "3", Sign::Digits),
            ("\u{ff11}\u{ff12}", "12", Sign::Digits),
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
        for none in [
            "(1, 2)", "100, 200", "5", "many", "", "$", "1,2,3", "1e", "12/5", "1.2.3", "--5", "5 R2",
            "Route 5", "12,34,5", "5-10", "5--", "kr",
        ] {
            assert_eq!(plain(none), None, "{none}");
        }
    }
}
