//! The rows of a view in their order, kept while it is looked at: a page of a million sorted rows is then
//! found as fast as the first one, however deep it lies.

use super::query::Facts;
use crate::soda::{Dataset, Value};
use crate::store::versions::Versions;
use crate::store::{Store, StoreError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Row numbers of all views together; eight bytes each.
const MOST: usize = 8_000_000;

/// The numbers of the rows of one view, in its order.
pub type Order = Arc<[i64]>;

/// The views that were looked at last.
#[derive(Debug, Default)]
pub struct Orders(Mutex<VecDeque<Arc<View>>>);

#[derive(Debug)]
struct View {
    store: Weak<Store>,
    dataset: i64,
    sql: Arc<str>,
    params: Vec<Value<'static>>,
    /// The data version and what it holds; filled by the first who asks while the others wait.
    order: Mutex<Option<(i64, Order)>>,
}

impl View {
    fn is(&self, store: &Arc<Store>, dataset: &Dataset, facts: &Facts) -> bool {
        self.dataset == dataset.number
            && self.store.as_ptr() == Arc::as_ptr(store)
            && self.sql == facts.sql
            && self.params == facts.params
    }

    fn len(&self) -> usize {
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        order.as_ref().map_or(0, |(_, order)| order.len())
    }
}

impl Orders {
    /// The rows that a query selects, which has `:id` as its only column. Blocks.
    pub fn of(&self, store: &Arc<Store>, dataset: &Dataset, facts: &Facts) -> Result<Order, StoreError> {
        let view = self.view(store, dataset, facts);
        let order = store.read(|tx| {
            let version = Versions::of(tx, dataset)?.data_version;
            let mut kept = view.order.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, order)) = kept.as_ref().filter(|(of, _)| *of == version) {
                return Ok(Arc::clone(order));
            }
            let mut numbers = Vec::new();
            tx.rows(&facts.sql, &facts.params, |row| {
                if let Value::Int(number) = row.value(0) {
                    numbers.push(number);
                }
                Ok(true)
            })?;
            let order: Order = numbers.into();
            *kept = Some((version, Arc::clone(&order)));
            Ok(order)
        })?;
        self.make_room();
        Ok(order)
    }

    /// The view, which is the newest from now on.
    fn view(&self, store: &Arc<Store>, dataset: &Dataset, facts: &Facts) -> Arc<View> {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = views.iter().position(|view| view.is(store, dataset, facts));
        let view = known.and_then(|at| views.remove(at)).unwrap_or_else(|| {
            Arc::new(View {
                store: Arc::downgrade(store),
                dataset: dataset.number,
                sql: facts.sql.clone(),
                params: facts.params.clone(),
                order: Mutex::new(None),
            })
        });
        views.push_back(Arc::clone(&view));
        view
    }

    /// Forgets the oldest views beyond the bound, and those whose store has gone.
    fn make_room(&self) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.retain(|view| view.store.strong_count() > 0);
        let mut held: usize = views.iter().map(|view| view.len()).sum();
        while held > MOST && views.len() > 1 {
            held -= views.pop_front().map_or(0, |view| view.len());
        }
    }
}
