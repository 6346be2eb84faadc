//! Frames of windows: which rows around each row count.

use std::fmt;

/// `ROWS BETWEEN start AND end EXCLUDE …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What is counted.
    pub unit: Unit,
    /// The first row.
    pub start: Edge,
    /// The last row; without one, and without `BETWEEN`, the current row.
    pub end: Option<Edge>,
    /// Rows that are left out.
    pub exclusion: Option<Exclusion>,
}

/// What the numbers of a frame's edges count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Differences of the value that orders the window.
    Range,
    /// Rows.
    Rows,
    /// Groups of rows that are equal in the window's order.
    Groups,
}

/// Where a frame begins or ends. Numbers are whole and written in digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edge {
    /// With the first row of the partition.
    UnboundedPreceding,
    /// So many units before the current row.
    Preceding(String),
    /// With the current row.
    CurrentRow,
    /// So many units behind the current row.
    Following(String),
    /// With the last row of the partition.
    UnboundedFollowing,
}

/// Which rows of a frame are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// The current row.
    CurrentRow,
    /// None.
    NoOthers,
    /// The current row and those that are equal in the window's order.
    Group,
    /// Those that are equal in the window's order, without the current row.
    Ties,
}

impl Frame {
    /// Whether an edge is a difference to the value that orders the window.
    pub fn is_distance(&self) -> bool {
        self.unit == Unit::Range && self.edges().any(|edge| edge.amount().is_some())
    }

    /// Why the frame cannot be computed in a window with so many expressions in its order, in SQLite's
    /// words.
    pub fn refusal(&self, orderings: usize) -> Option<&'static str> {
        let end = self.end.as_ref().unwrap_or(&Edge::CurrentRow);
        let backwards = self.start.rank() > end.rank();
        if backwards || self.start == Edge::UnboundedFollowing || *end == Edge::UnboundedPreceding {
            return Some("unsupported frame specification");
        }
        if self.is_distance() {
            let text = "RANGE with offset PRECEDING/FOLLOWING requires one ORDER BY expression";
            return Some(text).filter(|_| orderings != 1);
        }
        let too_large = |edge: &Edge| edge.amount().is_some_and(|digits| digits.parse::<i64>().is_err());
        if too_large(&self.start) {
            return Some("frame starting offset must be a non-negative integer");
        }
        too_large(end).then_some("frame ending offset must be a non-negative integer")
    }

    fn edges(&self) -> impl Iterator<Item = &Edge> {
        std::iter::once(&self.start).chain(&self.end)
    }
}

impl Edge {
    fn amount(&self) -> Option<&str> {
        match self {
            Self::Preceding(amount) | Self::Following(amount) => Some(amount),
            _ => None,
        }
    }

    /// Its place in the order in which edges may follow each other.
    fn rank(&self) -> u8 {
        match self {
            Self::UnboundedPreceding => 0,
            Self::Preceding(_) => 1,
            Self::CurrentRow => 2,
            Self::Following(_) => 3,
            Self::UnboundedFollowing => 4,
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.unit {
            Unit::Range => "RANGE ",
            Unit::Rows => "ROWS ",
            Unit::Groups => "GROUPS ",
        })?;
        match &self.end {
            Some(end) => write!(f, "BETWEEN {} AND {end}", self.start)?,
            None => write!(f, "{}", self.start)?,
        }
        f.write_str(match self.exclusion {
            None => "",
            Some(Exclusion::CurrentRow) => " EXCLUDE CURRENT ROW",
            Some(Exclusion::NoOthers) => " EXCLUDE NO OTHERS",
            Some(Exclusion::Group) => " EXCLUDE GROUP",
            Some(Exclusion::Ties) => " EXCLUDE TIES",
        })
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnboundedPreceding => f.write_str("UNBOUNDED PRECEDING"),
            Self::Preceding(amount) => write!(f, "{amount} PRECEDING"),
            Self::CurrentRow => f.write_str("CURRENT ROW"),
            Self::Following(amount) => write!(f, "{amount} FOLLOWING"),
            Self::UnboundedFollowing => f.write_str("UNBOUNDED FOLLOWING"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soql::ast::ExprKind;

    fn frame(text: &str) -> Frame {
        let expr = crate::soql::parse_expression(&format!("rank() OVER (ORDER BY a {text})")).unwrap();
        let ExprKind::Call { window, .. } = expr.kind else { panic!("{text} is not a call") };
        window.unwrap().frame.unwrap()
    }

    #[test]
    fn a_frame_is_printed_as_it_is_written_and_refused_as_sqlite_refuses_it() {
        let unsupported = Some("unsupported frame specification");
        let distance = Some("RANGE with offset PRECEDING/FOLLOWING requires one ORDER BY expression");
        for (text, orderings, refusal) in [
            ("ROWS 1 PRECEDING", 0, None),
            ("ROWS 1 FOLLOWING", 1, unsupported),
            ("ROWS BETWEEN CURRENT ROW AND 1 PRECEDING", 1, unsupported),
            ("ROWS BETWEEN UNBOUNDED FOLLOWING AND UNBOUNDED FOLLOWING", 1, unsupported),
            ("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED PRECEDING", 1, unsupported),
            ("GROUPS BETWEEN 2 PRECEDING AND 1 PRECEDING EXCLUDE TIES", 1, None),
            ("RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE NO OTHERS", 1, None),
            ("RANGE 1 PRECEDING EXCLUDE CURRENT ROW", 0, distance),
            ("RANGE 1 PRECEDING EXCLUDE GROUP", 2, distance),
            ("RANGE UNBOUNDED PRECEDING", 0, None),
            ("RANGE 99999999999999999999 PRECEDING", 1, None),
            (
                "ROWS 99999999999999999999 PRECEDING",
                1,
                Some("frame starting offset must be a non-negative integer"),
            ),
            (
                "ROWS BETWEEN 1 PRECEDING AND 99999999999999999999 FOLLOWING",
                1,
                Some("frame ending offset must be a non-negative integer"),
            ),
        ] {
            let frame = frame(text);
            assert_eq!(frame.to_string(), text);
            assert_eq!(frame.refusal(orderings), refusal, "{text}");
        }
    }
}
