//! Members of a JSON object, each taken once; what is left over is named in the refusal.

use serde_json::{Map, Value};

/// The members of an object.
pub(super) struct Fields<'v> {
    place: &'v str,
    known: &'v [&'v str],
    map: &'v Map<String, Value>,
    taken: usize,
}

impl<'v> Fields<'v> {
    /// The members of a value that has to be an object with only these members.
    pub(super) fn of(place: &'v str, value: &'v Value, known: &'v [&'v str]) -> Result<Self, String> {
        let map = value.as_object().ok_or_else(|| wrong(place, "an object", value))?;
        for name in map.keys() {
            if !known.contains(&name.as_str()) {
                return Err(format!("{place}: there is no {name:?}; known are {}", known.join(", ")));
            }
        }
        Ok(Self { place, known, map, taken: 0 })
    }

    pub(super) fn take(&mut self, name: &str) -> Option<&'v Value> {
        let value = self.map.get(name);
        self.taken += usize::from(value.is_some());
        value
    }

    /// Refuses an object with more members than the one that was taken.
    pub(super) fn only_one(self) -> Result<(), String> {
        if self.map.len() > self.taken {
            return Err(format!("{}: only one of {} goes", self.place, self.known.join(", ")));
        }
        Ok(())
    }
}

/// A refusal of a value.
pub(super) fn wrong(place: &str, wanted: &str, value: &Value) -> String {
    let shown: String = value.to_string().chars().take(80).collect();
    format!("{place} has to be {wanted}, not {shown}")
}
