//! Failures of one kind, one after the other, as one line of a list.

use super::Entry;
use crate::api::RequestError;
use std::sync::Arc;

/// So many failures in a row are folded; fewer stand on lines of their own.
const LEAST: usize = 3;

/// One line of a list.
#[derive(Clone, Debug)]
pub struct Line {
    /// The newest of the requests that the line stands for.
    pub newest: Arc<Entry>,
    /// How many they are.
    pub times: usize,
    /// The number of the oldest.
    pub first: u64,
}

impl Line {
    fn alone(entry: &Arc<Entry>) -> Self {
        Self { newest: Arc::clone(entry), times: 1, first: entry.id }
    }

    /// Whether the line stands for more than one request.
    pub fn is_folded(&self) -> bool {
        self.times > 1
    }
}

/// What failures have in common that stand on one line.
#[derive(PartialEq)]
struct Kind<'e> {
    method: &'e http::Method,
    path: &'e str,
    status: Option<u16>,
    client: Option<String>,
    fault: Option<&'e str>,
    error: Option<Option<String>>,
}

impl<'e> Kind<'e> {
    /// None of a request that did not fail.
    fn of(entry: &'e Entry) -> Option<Self> {
        if entry.status.is_some_and(|status| status < 400) {
            return None;
        }
        let client = &entry.client;
        let name = client.user.as_deref().or(client.app_token.as_deref()).map(str::to_owned);
        Some(Self {
            method: &entry.method,
            path: &entry.path,
            status: entry.status,
            client: name.or_else(|| client.address.map(|address| address.to_string())),
            fault: entry.fault.as_ref().map(|fault| fault.id.as_str()),
            error: entry.error().map(|RequestError { code, .. }| code),
        })
    }
}

/// The newest `limit` lines of entries that come oldest first, newest line first; and whether there are older ones.
pub fn newest_lines(entries: &[Arc<Entry>], fold: bool, limit: usize) -> (Vec<Line>, bool) {
    let mut lines = Vec::new();
    let mut rest = entries;
    while let Some((newest, older)) = rest.split_last() {
        if lines.len() >= limit {
            return (lines, true);
        }
        let alike = if fold { alike(newest, older) } else { 1 };
        if alike >= LEAST {
            rest = &rest[..rest.len() - alike];
            lines.push(Line { newest: Arc::clone(newest), times: alike, first: entries[rest.len()].id });
        } else {
            rest = older;
            lines.push(Line::alone(newest));
        }
    }
    (lines, false)
}

/// How many of the newest entries are of one kind with the newest of all.
fn alike(newest: &Entry, older: &[Arc<Entry>]) -> usize {
    let Some(kind) = Kind::of(newest) else { return 1 };
    1 + older.iter().rev().take_while(|entry| Kind::of(entry).as_ref() == Some(&kind)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use proptest::prelude::*;

    fn entries(statuses: &[u16]) -> Vec<Arc<Entry>> {
        let entry = |(index, status): (usize, &u16)| {
            let mut entry = Entry::new(Method::GET, "/resource/x.json");
            (entry.id, entry.status) = (index as u64 + 1, Some(*status));
            Arc::new(entry)
        };
        statuses.iter().enumerate().map(entry).collect()
    }

    fn shown(lines: &[Line]) -> Vec<(u64, usize, u64)> {
        lines.iter().map(|line| (line.newest.id, line.times, line.first)).collect()
    }

    #[test]
    fn three_failures_alike_stand_on_one_line_and_two_do_not() {
        let all = entries(&[429, 429, 429, 200, 503, 503, 429, 200, 200, 200]);
        let (lines, more) = newest_lines(&all, true, 100);
        let expected =
            [(10, 1, 10), (9, 1, 9), (8, 1, 8), (7, 1, 7), (6, 1, 6), (5, 1, 5), (4, 1, 4), (3, 3, 1)];
        assert_eq!((shown(&lines), more), (expected.to_vec(), false));
        let (lines, more) = newest_lines(&all, true, 7);
        assert_eq!((lines.len(), more), (7, true));
        assert_eq!(newest_lines(&all, false, 100).0.len(), 10);
    }

    #[test]
    fn a_client_or_an_address_of_its_own_begins_another_line() {
        let mut all = entries(&[429; 6]);
        for entry in &mut all[3..] {
            Arc::get_mut(entry).unwrap().client.user = Some("other".into());
        }
        assert_eq!(shown(&newest_lines(&all, true, 9).0), [(6, 3, 4), (3, 3, 1)]);
    }

    proptest! {
        #[test]
        fn lines_stand_for_all_requests_once(
            statuses in prop::collection::vec(prop::sample::select(vec![200u16, 404, 429]), 0..60),
            limit in 0..60usize,
        ) {
            let all = entries(&statuses);
            let (lines, more) = newest_lines(&all, true, limit);
            let mut next = all.len() as u64;
            for line in &lines {
                prop_assert_eq!(line.newest.id, next);
                prop_assert_eq!(line.newest.id + 1 - line.first, line.times as u64);
                next = line.first - 1;
            }
            prop_assert_eq!(more, next > 0);
            prop_assert!(lines.len() <= limit);
        }
    }
}
