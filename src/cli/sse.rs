//! Server-sent events, read from an answer that does not end.

use std::io::{BufRead, BufReader, Read};

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// Its name; empty when the server gave none.
    pub kind: String,
    /// Its data, lines joined.
    pub data: String,
}

/// The events of a stream; they end when it ends or breaks off.
pub(super) struct Events<R>(BufReader<R>);

impl<R: Read> Events<R> {
    /// The events of this body.
    pub(super) fn new(body: R) -> Self {
        Self(BufReader::new(body))
    }
}

impl<R: Read> Iterator for Events<R> {
    type Item = Event;

    /// Blocks until there is an event. An event that was not finished is none.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        let mut any = false;
        let mut line = String::new();
        while self.0.read_line(&mut line).is_ok_and(|read| read > 0) {
            let text = line.trim_end_matches(['\r', '\n']);
            let (field, value) = text.split_once(':').unwrap_or((text, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                // Heartbeats and hints for reconnecting are followed by an empty line too.
                "" if text.is_empty() && any => return Some(event),
                "event" => value.clone_into(&mut event.kind),
                "data" => {
                    if any {
                        event.data.push('\n');
                    }
                    event.data.push_str(value);
                    any = true;
                }
                _ => {}
            }
            line.clear();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Events};

    #[test]
    fn comments_and_hints_are_passed_over_and_half_an_event_is_none() {
        let text = "retry: 1000\n\n: still here\n\nid: 7\nevent: request\ndata: {\"id\":1}\n\ndata:a\r\ndata: b\r\n\r\nevent: cut\ndata: x\n";
        let found: Vec<Event> = Events::new(text.as_bytes()).collect();
        let event = |kind: &str, data: &str| Event { kind: kind.to_owned(), data: data.to_owned() };
        assert_eq!(found, [event("request", "{\"id\":1}"), event("", "a\nb")]);
    }
}
