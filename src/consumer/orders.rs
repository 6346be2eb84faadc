//! The rows of a view in their order, kept while it is looked at: a page of a million sorted rows is then
//! found as fast as the first one, however deep it lies.

use super::query::Facts;
use crate::memory::Held;
use crate::soda::{Dataset, Value};
use crate::store::versions::Versions;
use crate::store::{Store, StoreError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Row numbers for which room is taken at a time, at least.
const STEP: usize = 4096;
/// So many views are kept.
const VIEWS: usize = 256;

/// The rows of one view, in its order.
#[derive(Debug)]
struct Order {
    numbers: Vec<i64>,
    /// The memory that they have.
    held: Held,
}

impl Order {
    fn empty(store: &Store) -> Self {
        Self { numbers: Vec::new(), held: store.memory().orders.holder() }
    }
}

/// A part of a view.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The numbers of its rows, in the view's order.
    pub rows: Vec<i64>,
    /// How many rows the view has.
    pub of: usize,
}

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
    order: Mutex<Option<(i64, Arc<Order>)>>,
}

impl View {
    fn is(&self, store: &Arc<Store>, dataset: &Dataset, facts: &Facts) -> bool {
        self.dataset == dataset.number
            && self.store.as_ptr() == Arc::as_ptr(store)
            && self.sql == facts.sql
            && self.params == facts.params
    }
}

impl Orders {
    /// `limit` rows from the `offset`th on of those that a query selects, which has `:id` as its only column.
    /// Blocks.
    pub fn part(
        &self,
        store: &Arc<Store>,
        dataset: &Dataset,
        facts: &Facts,
        (offset, limit): (usize, usize),
    ) -> Result<Part, StoreError> {
        let view = self.view(store, dataset, facts);
        store.read(|tx| {
            let version = Versions::of(tx, dataset)?.data_version;
            let mut kept = view.order.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, order)) = kept.as_ref().filter(|(of, _)| *of == version) {
                let all = &order.numbers;
                let rows = all[offset.min(all.len())..offset.saturating_add(limit).min(all.len())].to_vec();
                return Ok(Part { rows, of: all.len() });
            }
            *kept = None;
            let (mut part, mut order) = (Part { rows: Vec::new(), of: 0 }, Some(Order::empty(store)));
            tx.rows(&facts.sql, &facts.params, |row| {
                let Value::Int(number) = row.value(0) else { return Ok(true) };
                if part.of >= offset && part.rows.len() < limit {
                    part.rows.push(number);
                }
                part.of += 1;
                order = order.take().and_then(|order| self.with(order, number, &view));
                Ok(true)
            })?;
            *kept = order.map(|order| (version, Arc::new(order)));
            Ok(part)
        })
    }

    /// The order with another number; none when there is no room for it, also not in the place of other
    /// views.
    fn with(&self, mut order: Order, number: i64, view: &Arc<View>) -> Option<Order> {
        if order.numbers.len() == order.numbers.capacity() {
            let more = order.numbers.len().clamp(STEP, 32 * STEP);
            while !order.held.grow(more * size_of::<i64>()) {
                self.forget_oldest_but(view)?;
            }
            order.numbers.reserve_exact(more);
        }
        order.numbers.push(number);
        Some(order)
    }

    /// Forgets one view; none when there is no other.
    fn forget_oldest_but(&self, view: &Arc<View>) -> Option<()> {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = views.iter().position(|other| !Arc::ptr_eq(other, view))?;
        views.remove(oldest).map(drop)
    }

    /// The view, which is the newest from now on.
    fn view(&self, store: &Arc<Store>, dataset: &Dataset, facts: &Facts) -> Arc<View> {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.retain(|view| view.store.strong_count() > 0);
        let known = views.iter().position(|view| view.is(store, dataset, facts));
        while views.len() >= VIEWS && known.is_none() {
            views.pop_front();
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::BodyFormat;
    use crate::consumer::{Form, ReadFormat};
    use crate::ids::Ids;
    use crate::memory::{LEAST, Memory, Room};
    use crate::seed::{NewDataset, RowsToRead, define_all};
    use crate::soda::FourByFour;
    use crate::store::{Folder, Image, Profile};

    const ROWS: usize = 20_000;

    /// A store with rows, whose views may keep so many of their numbers.
    async fn store(numbers: usize) -> (Arc<Store>, Dataset) {
        let mut memory = Memory::new(LEAST);
        memory.orders = Room::new((numbers * size_of::<i64>()) as u64);
        let folder = Folder::new(Arc::new(memory)).unwrap();
        let (image, ()) = Image::build(&folder, false, |_| Ok::<_, StoreError>(())).unwrap();
        let store = Store::on_image(&image, Profile::MAIN);
        let id = FourByFour::parse("orde-0001").unwrap();
        let definition = serde_json::json!({ "name": "Ordered", "columns": [{ "fieldName": "n", "dataTypeName": "text" }] });
        let rows = RowsToRead::text(BodyFormat::Csv, format!("n\n{}", "x\n".repeat(ROWS)));
        let new = NewDataset { id, definition, rows: Some(rows) };
        define_all(&store, &Ids::seeded(1), 0, vec![new]).await.unwrap();
        let dataset = store.catalogue().find("orde-0001").unwrap().dataset.clone();
        (store, dataset)
    }

    /// The number of the `n`th row.
    fn number(store: &Arc<Store>, dataset: &Dataset, n: usize) -> i64 {
        let part = Orders::default().part(store, dataset, &facts(dataset, false), (n, 1)).unwrap();
        part.rows[0]
    }

    fn facts(dataset: &Dataset, descending: bool) -> Facts {
        let order = if descending { " DESC" } else { "" };
        Facts {
            sql: format!("SELECT sid FROM {} ORDER BY sid{order}", dataset.table()).into(),
            params: Vec::new(),
            columns: Arc::new(vec![(":id".to_owned(), crate::soda::SoqlType::RowIdentifier)].into()),
            format: ReadFormat::Json,
            form: Form::default(),
            single: false,
        }
    }

    #[tokio::test]
    async fn parts_are_the_same_whether_orders_have_room_or_not() {
        for (room, kept) in [(4 * ROWS, &[true, true][..]), (2 * ROWS, &[true]), (STEP, &[false])] {
            let (store, dataset) = store(room).await;
            let orders = Orders::default();
            for _ in 0..2 {
                for (descending, places) in [
                    (false, [15_000, 15_001, 15_002]),
                    (true, [15_000, 15_001, 15_002].map(|n| ROWS - 1 - n)),
                ] {
                    let facts = facts(&dataset, descending);
                    let part = orders.part(&store, &dataset, &facts, (15_000, 3)).unwrap();
                    let rows = places.map(|n| number(&store, &dataset, n)).to_vec();
                    assert_eq!(part, Part { rows, of: ROWS }, "{room}");
                }
            }
            let views = orders.0.lock().unwrap();
            let found: Vec<bool> = views.iter().map(|view| view.order.lock().unwrap().is_some()).collect();
            assert_eq!(found, kept, "{room}");
            assert!(store.memory().orders.used() <= (room * 8) as u64);
            drop(views);
            drop(orders);
            assert_eq!(store.memory().orders.used(), 0);
        }
    }

    #[tokio::test]
    async fn a_part_behind_the_end_is_empty() {
        let (store, dataset) = store(4 * ROWS).await;
        let facts = facts(&dataset, false);
        for offset in [ROWS, ROWS + 1, usize::MAX] {
            for orders in [Orders::default(), Orders::default()] {
                let part = orders.part(&store, &dataset, &facts, (offset, 10)).unwrap();
                assert_eq!(part, Part { rows: Vec::new(), of: ROWS });
            }
        }
    }
}
