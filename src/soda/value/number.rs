//! Exact decimals as text.

use super::Refused;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A number of more digits than this, written out, is refused.
pub const MAX_DIGITS: i64 = 100_000;

/// A decimal: sign, digits and how many of them stand behind the point (negative: zeros follow).
struct Decimal<'a> {
    negative: bool,
    digits: Cow<'a, str>,
    scale: i64,
}

/// The stored text of a number: plain digits with its scale; more than 20 decimals as Java prints
/// them (source). Accepts what Java's `BigDecimal` does.
pub(super) fn canonical(source: &str) -> Result<Cow<'_, str>, Refused> {
    if is_canonical(source.as_bytes()) {
        return Ok(Cow::Borrowed(source));
    }
    let decimal = parse(source).ok_or(Refused)?;
    // Zeros in front are not written, those behind are.
    let digits = decimal.digits.trim_start_matches('0').len() as i64;
    let written = digits + if digits == 0 { 0 } else { (-decimal.scale).max(0) };
    if decimal.scale.abs() > MAX_DIGITS || written > MAX_DIGITS {
        return Err(Refused);
    }
    Ok(Cow::Owned(print(&decimal)))
}

/// The stored text of a number, if it is one.
pub fn canonical_number(source: &str) -> Option<String> {
    canonical(source).ok().map(Cow::into_owned)
}

/// Whether a text is a number that is refused for nothing but its length.
pub fn is_too_long_number(source: &str) -> bool {
    let (mantissa, exponent) = source.split_once(['e', 'E']).unwrap_or((source, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_exponent = !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit());
    is_exponent && parse(mantissa).is_some() && canonical(source).is_err()
}

/// A stored number's text in plain digits: a text that is made of a number has no exponent.
pub fn plain_number(stored: &str) -> Cow<'_, str> {
    if !stored.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        return Cow::Borrowed(stored);
    }
    parse(stored).map_or(Cow::Borrowed(stored), |decimal| Cow::Owned(print_plain(&decimal)))
}

/// Whether the text is what would be printed: an optional minus, digits without leading zeros,
/// at most 20 decimals, and not minus zero.
#[inline]
fn is_canonical(source: &[u8]) -> bool {
    let (negative, rest) = match source {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, source),
    };
    let whole = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if whole == 0 || whole > 1000 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let tail = &rest[whole..];
    let decimals = match tail {
        [] => true,
        [b'.', decimals @ ..] => {
            !decimals.is_empty() && decimals.len() <= 20 && decimals.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    decimals && !(negative && rest.iter().all(|b| matches!(b, b'0' | b'.')))
}

fn parse(source: &str) -> Option<Decimal<'_>> {
    let (negative, rest) = match source.as_bytes().first()? {
        b'-' => (true, &source[1..]),
        b'+' => (false, &source[1..]),
        _ => (false, source),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && decimals.is_empty()) || !all_digits(whole) || !all_digits(decimals) {
        return None;
    }
    let digits =
        if decimals.is_empty() { Cow::Borrowed(whole) } else { Cow::Owned(format!("{whole}{decimals}")) };
    Some(Decimal { negative, digits, scale: (decimals.len() as i64).checked_sub(exponent)? })
}

fn exponent(source: &str) -> Option<i64> {
    let digits = source.strip_prefix(['+', '-']).unwrap_or(source);
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    Some(if source.starts_with('-') { -value } else { value })
}

/// The sign, and the digits without leading zeros.
fn bare<'d>(decimal: &'d Decimal<'_>) -> (&'static str, &'d str) {
    match decimal.digits.trim_start_matches('0') {
        "" => ("", "0"),
        digits => (if decimal.negative { "-" } else { "" }, digits),
    }
}

fn print(decimal: &Decimal<'_>) -> String {
    let (sign, digits) = bare(decimal);
    let adjusted = digits.len() as i64 - 1 - decimal.scale;
    if decimal.scale > 20 && adjusted < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}E{adjusted}");
    }
    print_plain(decimal)
}

fn print_plain(decimal: &Decimal<'_>) -> String {
    let (sign, digits) = bare(decimal);
    if decimal.scale <= 0 {
        let zeros = if digits == "0" { 0 } else { decimal.scale.unsigned_abs() as usize };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let scale = decimal.scale as usize;
    if digits.len() > scale {
        let (whole, decimals) = digits.split_at(digits.len() - scale);
        format!("{sign}{whole}.{decimals}")
    } else {
        format!("{sign}0.{}{digits}", "0".repeat(scale - digits.len()))
    }
}

/// Powers of ten that an `i128` holds twice over.
pub const POWERS: [i128; 19] = {
    let mut powers = [1i128; 19];
    let mut place = 1;
    while place < 19 {
        powers[place] = powers[place - 1] * 10;
        place += 1;
    }
    powers
};

/// A number of at most 18 characters in plain notation: its digits and its decimals.
#[inline]
pub fn small_number(text: &str) -> Option<(i64, usize)> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let (mut value, mut scale, mut point) = (0i64, 0, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(byte - b'0');
                scale += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    Some((if negative { -value } else { value }, scale))
}

/// The text of a small number, from its digits and decimals.
pub fn small_text(value: i128, scale: usize) -> String {
    if scale <= 18
        && let Ok(value) = i64::try_from(value)
    {
        return short_text(value, scale);
    }
    let sign = if value < 0 { "-" } else { "" };
    if scale == 0 {
        return value.to_string();
    }
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{decimals}")
}

/// The same in one machine word, digit by digit from the last.
fn short_text(value: i64, scale: usize) -> String {
    // Nineteen digits, a zero before them, a point and a sign.
    let mut text = [0u8; 22];
    let (mut at, mut rest, mut digits) = (text.len(), value.unsigned_abs(), 0);
    while rest > 0 || digits <= scale {
        if digits == scale && scale > 0 {
            at -= 1;
            text[at] = b'.';
        }
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        digits += 1;
    }
    if value < 0 {
        at -= 1;
        text[at] = b'-';
    }
    String::from_utf8_lossy(&text[at..]).into_owned()
}

/// The order of two numbers without a sign when what stands before the point decides. Sorting spends
/// most of its time here.
#[inline]
fn compare_whole(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let digit = |text: &[u8], at: usize| text.get(at).copied().filter(u8::is_ascii_digit);
    let (mut order, mut at) = (Ordering::Equal, 0);
    while let (Some(x), Some(y)) = (digit(a, at), digit(b, at)) {
        order = order.then(x.cmp(&y));
        at += 1;
    }
    let order = digit(a, at).is_some().cmp(&digit(b, at).is_some()).then(order);
    // An exponent stands behind a single digit; other digits than one do not begin with a zero.
    let exponent = |text: &[u8]| text.iter().any(|byte| matches!(byte, b'e' | b'E'));
    let unsure = match at {
        0 => true,
        1 => exponent(a) || exponent(b),
        _ => a[0] == b'0' || b[0] == b'0',
    };
    (order != Ordering::Equal && !unsure).then_some(order)
}

/// Orders numbers by value; the collation of number columns. Text that is no number sorts last.
pub fn compare_numbers(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if let Some(order) = compare_whole(a.as_bytes(), b.as_bytes()) {
        return order;
    }
    if let (Some((va, sa)), Some((vb, sb))) = (small_number(a), small_number(b)) {
        return if sa == sb {
            va.cmp(&vb)
        } else {
            (i128::from(va) * POWERS[sb]).cmp(&(i128::from(vb) * POWERS[sa]))
        };
    }
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => compare(&a, &b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

fn compare(a: &Decimal<'_>, b: &Decimal<'_>) -> Ordering {
    let (da, db) = (a.digits.trim_start_matches('0'), b.digits.trim_start_matches('0'));
    match (da.is_empty(), db.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return if b.negative { Ordering::Greater } else { Ordering::Less },
        (false, true) => return if a.negative { Ordering::Less } else { Ordering::Greater },
        (false, false) => {}
    }
    if a.negative != b.negative {
        return if a.negative { Ordering::Less } else { Ordering::Greater };
    }
    // The place of the highest digit decides, then the digits with trailing zeros left out.
    let magnitude = |digits: &str, scale: i64| digits.len() as i64 - scale;
    let order = magnitude(da, a.scale)
        .cmp(&magnitude(db, b.scale))
        .then_with(|| da.trim_end_matches('0').cmp(db.trim_end_matches('0')));
    if a.negative { order.reverse() } else { order }
}

/// A text that is the same for equal numbers.
pub fn normal_number(source: &str) -> Cow<'_, str> {
    let Some(decimal) = parse(source) else { return Cow::Borrowed(source) };
    let digits = decimal.digits.trim_start_matches('0');
    let bare = digits.trim_end_matches('0');
    if bare.is_empty() {
        return Cow::Borrowed("0");
    }
    let scale = decimal.scale - (digits.len() - bare.len()) as i64;
    Cow::Owned(format!("{}{bare}E{}", if decimal.negative { "-" } else { "" }, -scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_scale() {
        for (source, stored) in [
            ("5.00", "5.00"),
            ("1e3", "1000"),
            ("+7", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("007.10", "7.10"),
            ("0.0000005302", "0.0000005302"),
            ("5.302E-21", "5.302E-21"),
            ("1E+2", "100"),
            ("0e5", "0"),
            (
                "12345678901234567890123456789.123456789012345678",
                "12345678901234567890123456789.123456789012345678",
            ),
        ] {
            assert_eq!(canonical(source).unwrap(), stored, "{source}");
        }
        // What is stored can be read again, to the longest.
        for source in ["1e99999", "-1e-100000", "0e99999", "12E-99999", &"9".repeat(100_000)] {
            let stored = canonical(source).unwrap().into_owned();
            assert_eq!(canonical(&stored).unwrap(), stored);
        }
        for bad in ["1e100000", "10e99999", &"9".repeat(100_001), "1e-100001"] {
            assert!(canonical(bad).is_err());
        }
        for long in ["1e100000", "-1E-99999999999999", "1.5e+999999", &"9".repeat(100_001)] {
            assert!(is_too_long_number(long));
        }
        for other in ["1", "1e", "e5", "1e5x", "--1e999999", "", "NaN", "1,5e999999"] {
            assert!(!is_too_long_number(other), "{other}");
        }
        for bad in ["", " 5", "5 ", "1,000", "$5", "NaN", "1e", "e5", "--1", ".", "1e999999999", "0x1", "٣"]
        {
            assert!(canonical(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_numbers_have_no_exponent() {
        for (stored, plain) in [
            ("5.50", "5.50"),
            ("5.302E-21", "0.000000000000000000005302"),
            ("-1E-25", "-0.0000000000000000000000001"),
            ("0E-22", "0.0000000000000000000000"),
            ("1E+3", "1000"),
        ] {
            assert_eq!(plain_number(stored), plain);
        }
    }

    #[test]
    fn small_numbers_survive() {
        for text in ["0", "-1", "5.50", "-0.05", "0.00", "123456789012345678", "-12345678901.25"] {
            let (value, scale) = small_number(text).unwrap();
            assert_eq!(small_text(value.into(), scale), text);
            assert_eq!(
                small_text(i128::from(value) * POWERS[18], scale + 18),
                format!("{text}{}{}", if scale == 0 { "." } else { "" }, "0".repeat(18))
            );
        }
        for text in ["", "-", "1e3", "1234567890123456789", "+1", "1.2.3"] {
            assert_eq!(small_number(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        for (a, order, b) in [
            ("1", Ordering::Equal, "1.00"),
            ("1e3", Ordering::Equal, "1000"),
            ("9", Ordering::Less, "10"),
            ("-9", Ordering::Greater, "-10"),
            ("0", Ordering::Equal, "0.000"),
            ("-0.1", Ordering::Less, "0"),
            ("0.1", Ordering::Greater, "0.09"),
            ("5.302E-21", Ordering::Less, "0.000000001"),
            ("2", Ordering::Less, "2.0000000000000000000000000000001"),
            ("-0.10", Ordering::Equal, "-0.1"),
            ("123456789012345678", Ordering::Greater, "123456789012345677.9"),
            ("999999999999999999", Ordering::Less, "1000000000000000000"),
            ("3.5E-25", Ordering::Less, "2.5"),
            ("3.5", Ordering::Greater, "12E-25"),
            ("120.5", Ordering::Less, "130"),
            ("12.75", Ordering::Less, "12.8"),
            ("007", Ordering::Less, "12"),
        ] {
            assert_eq!(compare_numbers(a, b), order, "{a} {b}");
            assert_eq!(normal_number(a) == normal_number(b), order == Ordering::Equal);
        }
    }
}
