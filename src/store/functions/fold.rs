//! What an aggregate remembers of its rows; all of them work over windows too.
//!
//! It takes memory from one share for all queries of the process.

use super::{RuntimeError, failure::keep, held::with_memory, stop};
use crate::memory::{Held, Room};
use rusqlite::Result;
use rusqlite::functions::{Aggregate, Context, WindowAggregate};
use rusqlite::types::Value;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Bytes are taken from the share in steps of so many.
const STEP: usize = 4096;

/// What an aggregate remembers of its rows.
pub trait Fold: Default + Send + UnwindSafe + RefUnwindSafe + 'static {
    /// Whether rows have shapes, which take memory while they are read.
    const SHAPES: bool = false;

    /// Takes a row in.
    fn add(&mut self, arguments: &Context<'_>) -> Result<()>;
    /// Takes a row out of a window.
    fn remove(&mut self, arguments: &Context<'_>) -> Result<()>;
    /// The result so far.
    fn value(&mut self) -> Result<Option<Value>>;

    /// The result after which nothing more is asked.
    fn last_value(&mut self) -> Result<Option<Value>> {
        self.value()
    }

    /// Bytes on the heap that the rows so far take.
    fn bytes(&self) -> usize;

    /// Bytes that computing the result takes beside them.
    fn bytes_of_value(&self) -> usize {
        0
    }

    /// Goes on with less memory, as there is no more; false when it cannot.
    fn reduce(&mut self) -> Result<bool> {
        Ok(false)
    }
}

/// The aggregate of a fold, as SQLite calls it.
pub struct Folding<F>(Room, PhantomData<fn() -> F>);

impl<F> Folding<F> {
    /// It takes its memory from `room`.
    pub fn new(room: Room) -> Self {
        Self(room, PhantomData)
    }
}

/// A fold and the memory that it has.
pub struct Charged<F> {
    fold: F,
    held: Held,
}

impl<F: Fold> Charged<F> {
    fn change(&mut self, room: &Room, change: impl FnOnce(&mut F) -> Result<()>) -> Result<()> {
        // The switch is looked at for each row: a row may be long.
        if stop::is_stopped() {
            return Err(RuntimeError::Stopped.into());
        }
        let changed =
            if F::SHAPES { with_memory(room, || change(&mut self.fold)) } else { change(&mut self.fold) };
        keep(changed)?;
        self.hold(self.fold.bytes())
    }

    /// Has room for so many bytes, or makes do with less.
    fn hold(&mut self, bytes: usize) -> Result<()> {
        if bytes as u64 <= self.held.bytes() || self.held.grow_to(bytes.next_multiple_of(STEP)) {
            return Ok(());
        }
        if !self.fold.reduce()? {
            return Err(RuntimeError::OutOfMemory.into());
        }
        self.held.shrink_to(self.fold.bytes());
        Ok(())
    }

    fn value(
        &mut self,
        room: &Room,
        compute: impl FnOnce(&mut F) -> Result<Option<Value>>,
    ) -> Result<Option<Value>> {
        // SQLite ends the aggregates of a read that was stopped too.
        if stop::is_stopped() {
            return Err(RuntimeError::Stopped.into());
        }
        self.hold(self.fold.bytes() + self.fold.bytes_of_value())?;
        let value = keep(with_memory(room, || compute(&mut self.fold)));
        self.held.shrink_to(self.fold.bytes());
        value
    }
}

impl<F: Fold> Aggregate<Charged<F>, Option<Value>> for Folding<F> {
    fn init(&self, _: &mut Context<'_>) -> Result<Charged<F>> {
        Ok(Charged { fold: F::default(), held: self.0.holder() })
    }

    fn step(&self, arguments: &mut Context<'_>, state: &mut Charged<F>) -> Result<()> {
        state.change(&self.0, |fold| fold.add(arguments))
    }

    fn finalize(&self, _: &mut Context<'_>, state: Option<Charged<F>>) -> Result<Option<Value>> {
        state.map_or(Ok(None), |mut state| state.value(&self.0, F::last_value))
    }
}

impl<F: Fold> WindowAggregate<Charged<F>, Option<Value>> for Folding<F> {
    fn value(&self, state: Option<&mut Charged<F>>) -> Result<Option<Value>> {
        state.map_or(Ok(None), |state| state.value(&self.0, F::value))
    }

    fn inverse(&self, arguments: &mut Context<'_>, state: &mut Charged<F>) -> Result<()> {
        state.change(&self.0, |fold| fold.remove(arguments))
    }
}
