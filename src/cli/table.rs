//! Tables for people: aligned, as wide as the terminal, wide characters counted right, nothing in a
//! cell that could steer the terminal. comfy-table wraps cells and shows every column; here a row is a
//! line, the widest columns give way first, and those that do not fit are named.

use super::screen::Screen;
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A column is not cut below this width, unless its texts are shorter: that of a 4x4 id, which stays whole.
const NARROWEST: usize = 9;
/// Between two columns.
const GAP: &str = "  ";

/// What a text means, as a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// Less important.
    Dim,
    Bold,
    /// It went well.
    Good,
    /// Worth a look.
    Warning,
    /// It went wrong.
    Bad,
}

impl Tone {
    /// The tone of an HTTP status.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Good,
            400..=499 => Self::Warning,
            500.. => Self::Bad,
            _ => Self::Plain,
        }
    }

    /// The text in this tone, where colours are wanted.
    pub(super) fn paint(self, text: &str, screen: &Screen) -> String {
        let style = match self {
            Self::Plain => return text.to_owned(),
            Self::Dim => Style::new().dimmed(),
            Self::Bold => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
        };
        if screen.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    text: String,
    right: bool,
    tone: Tone,
}

impl Cell {
    /// Text, on the left.
    pub(super) fn new(text: impl AsRef<str>) -> Self {
        Self { text: without_control_characters(text.as_ref()), ..Self::default() }
    }

    /// A number, on the right, with a comma at each thousand.
    pub(super) fn count(number: u64) -> Self {
        Self { text: grouped(number), right: true, tone: Tone::Plain }
    }

    /// A JSON value: numbers on the right, null empty, objects as JSON.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::default(),
            Value::String(text) => Self::new(text),
            Value::Number(number) => Self::new(number.to_string()).right(),
            other => Self::new(other.to_string()),
        }
    }

    /// On the right.
    pub(super) fn right(mut self) -> Self {
        self.right = true;
        self
    }

    /// In a tone.
    pub(super) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// Rows under a heading.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table with these columns.
    pub(super) fn new<S: AsRef<str>>(names: &[S]) -> Self {
        Self {
            names: names.iter().map(|n| without_control_characters(n.as_ref())).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The same without columns that hold nothing.
    pub(super) fn without_empty(mut self) -> Self {
        let full: Vec<bool> = (0..self.names.len())
            .map(|i| self.rows.iter().any(|row| row.get(i).is_some_and(|cell| !cell.text.is_empty())))
            .collect();
        let mut at = full.iter();
        self.names.retain(|_| at.next().is_some_and(|full| *full));
        for row in &mut self.rows {
            let mut at = full.iter();
            row.retain(|_| at.next().is_some_and(|full| *full));
        }
        self
    }

    /// The table as text, each line ended.
    pub(super) fn render(&self, screen: &Screen) -> String {
        let (widths, left_out) = self.widths(screen.width);
        let mut out = String::new();
        let names: Vec<Cell> = (0..widths.len())
            .map(|i| Cell { text: self.names[i].clone(), right: self.is_right(i), tone: Tone::Bold })
            .collect();
        line(&names, &widths, screen, &mut out);
        for row in &self.rows {
            line(row, &widths, screen, &mut out);
        }
        if left_out > 0 {
            let what =
                if left_out == 1 { "1 column does".to_owned() } else { format!("{left_out} columns do") };
            let note = format!("({what} not fit: {})", self.names[widths.len()..].join(", "));
            let _ = writeln!(out, "{}", Tone::Dim.paint(&cut(&note, screen.width), screen));
        }
        out
    }

    fn is_right(&self, index: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(index)).filter(|c| !c.text.is_empty());
        self.rows.iter().any(|row| row.get(index).is_some_and(|c| c.right)) && cells.all(|c| c.right)
    }

    /// The width of each column that is shown, and how many are not.
    fn widths(&self, room: usize) -> (Vec<usize>, usize) {
        let natural: Vec<usize> = (0..self.names.len())
            .map(|i| {
                let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|c| c.text.width());
                cells.chain([self.names[i].width()]).max().unwrap_or(0)
            })
            .collect();
        let gaps = |count: usize| GAP.len() * count.saturating_sub(1);
        let least = |widths: &[usize]| widths.iter().map(|w| (*w).min(NARROWEST)).sum::<usize>();
        let mut shown = natural.len();
        while shown > 1 && least(&natural[..shown]) + gaps(shown) > room {
            shown -= 1;
        }
        let mut widths = natural[..shown].to_vec();
        let room = room.saturating_sub(gaps(shown)).max(1);
        // The widest give first, so that short columns stay whole.
        while widths.iter().sum::<usize>() > room {
            let over = widths.iter().sum::<usize>() - room;
            let Some(widest) = widths.iter().copied().max() else { break };
            let second = widths.iter().copied().filter(|w| *w < widest).max().unwrap_or(0);
            let many = widths.iter().filter(|w| **w == widest).count();
            let step = (widest - second).min(over.div_ceil(many)).max(1);
            for width in widths.iter_mut().filter(|w| **w == widest) {
                *width = width.saturating_sub(step).max(1);
            }
            if widest <= 1 {
                break;
            }
        }
        (widths, natural.len() - shown)
    }
}

fn line(cells: &[Cell], widths: &[usize], screen: &Screen, out: &mut String) {
    let empty = Cell::default();
    for (index, width) in widths.iter().enumerate() {
        let cell = cells.get(index).unwrap_or(&empty);
        let text = cut(&cell.text, *width);
        let blanks = " ".repeat(width.saturating_sub(text.width()));
        let painted = cell.tone.paint(&text, screen);
        let last = index + 1 == widths.len();
        match (cell.right, last) {
            (true, _) => out.push_str(&format!("{blanks}{painted}")),
            (false, true) => out.push_str(&painted),
            (false, false) => out.push_str(&format!("{painted}{blanks}")),
        }
        if !last {
            out.push_str(GAP);
        }
    }
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
    out.push('\n');
}

/// Cuts a text to a width; what is cut ends in `…`.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = used + c.width().unwrap_or(0);
        if next + 1 > width {
            break;
        }
        used = next;
        end = at + c.len_utf8();
    }
    format!("{}…", &text[..end])
}

/// Control characters become pictures of themselves, and marks that turn the direction of writing are
/// left out: what is stored must not steer the terminal.
pub(super) fn without_control_characters(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| match u32::from(c) {
            n @ 0..0x20 => char::from_u32(0x2400 + n).unwrap_or(' '),
            0x7f => '\u{2421}',
            0x80..0xa0 => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `2 rows`.
pub(super) fn many(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(width: usize) -> Screen {
        Screen { width, color: false }
    }

    fn sample() -> Table {
        let mut table = Table::new(&["id", "name", "rows"]);
        table.push(vec![Cell::new("4tka-6guv"), Cell::new("USGS Earthquakes"), Cell::count(1_234_567)]);
        table.push(vec![Cell::new("aaaa-2222"), Cell::new("地震"), Cell::count(2)]);
        table
    }

    #[test]
    fn columns_are_aligned_and_wide_characters_take_two() {
        let expected = "id         name                   rows\n\
                        4tka-6guv  USGS Earthquakes  1,234,567\n\
                        aaaa-2222  地震                      2\n";
        assert_eq!(sample().render(&plain(80)), expected);
    }

    #[test]
    fn the_widest_column_gives_way_first() {
        let expected = "id         name            rows\n\
                        4tka-6guv  USGS Ear…  1,234,567\n\
                        aaaa-2222  地震               2\n";
        assert_eq!(sample().render(&plain(31)), expected);
    }

    #[test]
    fn columns_that_cannot_be_shown_are_named() {
        let expected = "id         name\n\
                        4tka-6guv  USGS Eart…\n\
                        aaaa-2222  地震\n\
                        (1 column does not f…\n";
        assert_eq!(sample().render(&plain(21)), expected);
    }

    #[test]
    fn what_is_stored_cannot_steer_the_terminal() {
        let mut table = Table::new(&["v"]);
        table.push(vec![Cell::new("a\u{1b}[2J\nb\u{202e}c\u{9b}")]);
        assert_eq!(table.render(&plain(80)), "v\na␛[2J␊bc\u{fffd}\n");
    }

    #[test]
    fn colours_do_not_count_as_width() {
        let mut table = Table::new(&["a", "b"]);
        table.push(vec![Cell::new("x").tone(Tone::Bad), Cell::new("y")]);
        let painted = table.render(&Screen { width: 80, color: true });
        assert!(painted.contains("\u{1b}[31mx\u{1b}[0m  y"), "{painted:?}");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_screen(cells in prop::collection::vec(".*", 1..12), width in 20usize..120) {
            let names: Vec<String> = (0..cells.len()).map(|i| format!("c{i}")).collect();
            let mut table = Table::new(&names);
            table.push(cells.iter().map(Cell::new).collect());
            for line in table.render(&plain(width)).lines() {
                prop_assert!(line.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() <= width + 1, "{line:?}");
            }
        }
    }
}
