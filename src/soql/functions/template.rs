//! SQL of a function with places for its arguments. The table writes it as Rust's format strings, which
//! `sql!` reads when the crate is compiled: a template that does not parse does not compile.
//!
//! `{0}` is an argument, `{0:compared}` one with the collation of its type, `{0:text}` its text,
//! `{0:type}` the name of its type, `{0..}` it and all behind it as arguments of an SQL function,
//! `{0..:items}` the same as items of a list, `{0..:upper}` as items in capitals.

/// How SQL computes a function of SoQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// The function is known and its calls are checked, but it is not emulated.
    NotEmulated,
    /// `CASE WHEN … THEN … END` of pairs of condition and value.
    Case,
    /// The clock's time, the same in the whole query.
    Now,
    /// `count(*)`, which SQLite answers without looking at rows where nothing else is asked.
    CountRows,
    /// Text and arguments in turn.
    Pieces(&'static [Piece]),
}

/// A part of a template. Numbers are places of arguments, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// SQL as it is.
    Sql(&'static str),
    /// The argument's value.
    Value(usize),
    /// The value that another is compared with, so with the collation of its type.
    Compared(usize),
    /// The value as text.
    Text(usize),
    /// The name of the argument's type.
    TypeName(usize),
    /// This argument and all behind it, as arguments of a function: SQLite bounds their number.
    Arguments(usize),
    /// This argument and all behind it, as items of a list.
    Items(usize),
    /// The same in capitals.
    UpperItems(usize),
}

impl Template {
    /// Whether all arguments are passed to one function of SQL, not as a list or as branches.
    pub fn passes_all_arguments(self) -> bool {
        matches!(self, Self::Pieces(pieces) if pieces.iter().any(|p| matches!(p, Piece::Arguments(_))))
    }
}

/// The template that a format string describes.
macro_rules! sql {
    ($text:literal) => {
        $crate::soql::functions::template::Template::Pieces(
            const {
                &$crate::soql::functions::template::parse::<
                    { $crate::soql::functions::template::count_pieces($text) },
                >($text)
            },
        )
    };
}
pub(super) use sql;

/// The number of pieces of a format string.
pub(super) const fn count_pieces(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while !rest.is_empty() {
        (_, rest) = first(rest);
        count += 1;
    }
    count
}

/// The pieces of a format string, as many as [`count_pieces`] counts.
pub(super) const fn parse<const COUNT: usize>(text: &'static str) -> [Piece; COUNT] {
    let mut pieces = [Piece::Sql(""); COUNT];
    let mut rest = text;
    let mut at = 0;
    while at < COUNT {
        let piece;
        (piece, rest) = first(rest);
        pieces[at] = if piece.as_bytes()[0] == b'{' { placeholder(piece) } else { Piece::Sql(piece) };
        at += 1;
    }
    pieces
}

/// Splits off the text in front of the next placeholder, or the placeholder that stands first.
const fn first(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let is_placeholder = bytes[0] == b'{';
    let mut end = 0;
    while end < bytes.len() {
        match bytes[end] {
            b'}' if is_placeholder => return text.split_at(end + 1),
            b'{' if !is_placeholder => return text.split_at(end),
            _ => end += 1,
        }
    }
    assert!(!is_placeholder, "a placeholder is not closed");
    text.split_at(end)
}

/// `{`, one digit, what is asked of the argument, `}`.
const fn placeholder(text: &str) -> Piece {
    let bytes = text.as_bytes();
    assert!(bytes[1].is_ascii_digit(), "a placeholder begins with the place of an argument");
    let place = (bytes[1] - b'0') as usize;
    let (_, form) = text.split_at(2);
    let known: [(&str, Piece); 7] = [
        ("}", Piece::Value(place)),
        (":compared}", Piece::Compared(place)),
        (":text}", Piece::Text(place)),
        (":type}", Piece::TypeName(place)),
        ("..}", Piece::Arguments(place)),
        ("..:items}", Piece::Items(place)),
        ("..:upper}", Piece::UpperItems(place)),
    ];
    let mut index = 0;
    loop {
        assert!(index < known.len(), "a placeholder asks for an unknown form of its argument");
        if is_same(known[index].0, form) {
            return known[index].1;
        }
        index += 1;
    }
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_string_becomes_its_pieces() {
        use Piece::{Arguments, Compared, Sql, Text, TypeName, UpperItems, Value};
        assert_eq!(sql!("abs({0})"), Template::Pieces(&[Sql("abs("), Value(0), Sql(")")]));
        assert_eq!(
            sql!("{0:compared}{1:text}{2:type}{0..}{1..:upper}"),
            Template::Pieces(&[Compared(0), Text(1), TypeName(2), Arguments(0), UpperItems(1)])
        );
        assert_eq!(sql!("row_number()"), Template::Pieces(&[Sql("row_number()")]));
    }
}
