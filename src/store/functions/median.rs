//! The middle value of a group.

use super::argument::digits15;
use super::collation::compare_texts;
use super::fold::Fold;
use super::value_table::ValueTable;
use crate::soda::SoqlType;
use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;
use std::cmp::Ordering;
use std::panic::AssertUnwindSafe;

/// The middle value: of numbers interpolated, as a double is; of other values the lower one.
///
/// Values are kept in memory as long as there is room for them, then in a temporary file.
#[derive(Default)]
pub struct Median {
    soql_type: Option<SoqlType>,
    values: Values,
}

enum Values {
    Memory(Sorted),
    /// No panic of SQLite or of this module leaves it half changed.
    File(AssertUnwindSafe<ValueTable>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Memory(Sorted::default())
    }
}

/// Values that are sorted when the result is asked for, so that a large group is sorted once.
#[derive(Default)]
struct Sorted {
    sorted: Vec<Value>,
    /// Values that came since.
    new: Vec<Value>,
    /// Bytes of texts.
    texts: usize,
}

impl Sorted {
    fn push(&mut self, value: Value) {
        self.texts += text_bytes(&value);
        self.new.push(value);
    }

    fn remove(&mut self, soql_type: SoqlType, value: &Value) {
        self.settle(soql_type);
        let at = self.sorted.partition_point(|v| order(soql_type, v, value).is_lt());
        if at < self.sorted.len() {
            self.texts -= text_bytes(&self.sorted.remove(at));
        }
    }

    fn settle(&mut self, soql_type: SoqlType) {
        match self.new.len() {
            0 => {}
            // A window moves by one row at a time.
            1 => {
                for value in self.new.drain(..) {
                    let at = self.sorted.partition_point(|v| order(soql_type, v, &value).is_le());
                    self.sorted.insert(at, value);
                }
            }
            _ => {
                if self.sorted.is_empty() {
                    std::mem::swap(&mut self.sorted, &mut self.new);
                }
                self.sorted.append(&mut self.new);
                self.sorted.sort_by(|a, b| order(soql_type, a, b));
            }
        }
    }

    fn bytes(&self) -> usize {
        (self.sorted.capacity() + self.new.capacity()) * size_of::<Value>() + self.texts
    }
}

/// Bytes of a text on the heap, with what the allocator adds.
fn text_bytes(value: &Value) -> usize {
    const ADDED: usize = 16;
    if let Value::Text(text) = value { text.capacity() + ADDED } else { 0 }
}

fn order(soql_type: SoqlType, a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => compare_texts(soql_type, a, b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        _ => Ordering::Equal,
    }
}

impl Median {
    fn soql_type(&self) -> SoqlType {
        self.soql_type.unwrap_or(SoqlType::Text)
    }

    /// The one or the two values in the middle.
    fn middle(&mut self) -> Result<Option<(Value, Option<Value>)>> {
        let soql_type = self.soql_type();
        let count = match &self.values {
            Values::Memory(values) => values.sorted.len() + values.new.len(),
            Values::File(values) => values.len(),
        };
        let Some(last) = count.checked_sub(1) else { return Ok(None) };
        let (low, even) = (last / 2, last % 2 == 1);
        let found = match &mut self.values {
            Values::Memory(values) => {
                values.settle(soql_type);
                Some((values.sorted[low].clone(), values.sorted.get(low + 1).cloned()))
            }
            Values::File(values) => values.at(low)?,
        };
        Ok(found.map(|(low, high)| (low, high.filter(|_| even))))
    }
}

/// What lies between the two values in the middle, or the only one.
fn between(soql_type: SoqlType, low: Value, high: Option<Value>) -> Value {
    match (&low, high.as_ref().unwrap_or(&low)) {
        (Value::Text(a), Value::Text(b)) if soql_type == SoqlType::Number => {
            let double = |t: &str| t.parse::<f64>().unwrap_or(f64::NAN);
            let (a, b) = (double(a), double(b));
            Value::Text(digits15(if high.is_some() { a + (b - a) / 2.0 } else { a }))
        }
        (Value::Real(a), Value::Real(b)) if high.is_some() => Value::Real(a + (b - a) / 2.0),
        _ => low,
    }
}

impl Fold for Median {
    fn add(&mut self, arguments: &Context<'_>) -> Result<()> {
        let value: Value = arguments.get(1)?;
        if value == Value::Null {
            return Ok(());
        }
        if self.soql_type.is_none() {
            self.soql_type = arguments.get_raw(0).as_str().ok().and_then(SoqlType::of_soql_name);
        }
        match &mut self.values {
            Values::Memory(values) => values.push(value),
            Values::File(values) => values.push(value)?,
        }
        Ok(())
    }

    fn remove(&mut self, arguments: &Context<'_>) -> Result<()> {
        let value: Value = arguments.get(1)?;
        let soql_type = self.soql_type();
        match &mut self.values {
            _ if value == Value::Null => {}
            Values::Memory(values) => values.remove(soql_type, &value),
            Values::File(values) => values.remove(value)?,
        }
        Ok(())
    }

    fn value(&mut self) -> Result<Option<Value>> {
        if let Values::File(values) = &mut self.values {
            values.index()?;
        }
        self.last_value()
    }

    fn last_value(&mut self) -> Result<Option<Value>> {
        let soql_type = self.soql_type();
        Ok(self.middle()?.map(|(low, high)| between(soql_type, low, high)))
    }

    fn bytes(&self) -> usize {
        match &self.values {
            Values::Memory(values) => values.bytes(),
            Values::File(_) => 0,
        }
    }

    /// A sort takes half of the list again.
    fn bytes_of_value(&self) -> usize {
        match &self.values {
            Values::Memory(values) if values.new.len() > 1 => {
                (values.sorted.len() + values.new.len()) * size_of::<Value>()
            }
            _ => 0,
        }
    }

    fn reduce(&mut self) -> Result<bool> {
        let Values::Memory(values) = &mut self.values else { return Ok(true) };
        let values = std::mem::take(values);
        let mut file = ValueTable::new(self.soql_type())?;
        for value in values.sorted.into_iter().chain(values.new) {
            file.push(value)?;
        }
        self.values = Values::File(AssertUnwindSafe(file));
        Ok(true)
    }
}
