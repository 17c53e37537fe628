use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record of the store.
pub(crate) trait Row: Clone + Serialize + DeserializeOwned {
    /// What the record is listed under, such as the folder of a file. [`Table::under`] finds it by that.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// What else the record is found by, such as a name within a folder. [`Table::keyed`] finds it by each of these.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }
}

impl Row for u64 {}

/// The ids of the records that have a text in common.
type Index = BTreeMap<String, BTreeSet<String>>;

/// What records are ordered by, with their ids, which decide between equals.
pub(crate) type Order = Vec<(String, String)>;

/// How many owners have orders at the same time.
const ORDERED: usize = 16;

fn add(index: &mut Index, text: Cow<'_, str>, id: &str) {
    match index.get_mut(text.as_ref()) {
        Some(ids) => drop(ids.insert(id.to_owned())),
        None => drop(index.insert(text.into_owned(), BTreeSet::from([id.to_owned()]))),
    }
}

fn drop_from(index: &mut Index, text: &str, id: &str) {
    if let Some(ids) = index.get_mut(text) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(text);
        }
    }
}

/// Records by their ids, in the order of the ids, which is the order in which they were created.
///
/// What changed since the last call can be taken back, so that a call that is refused half-way has no effect, and can
/// be listed, so that it can be written to disk.
// Ids can be secrets, so it has no Debug.
pub(crate) struct Table<T> {
    rows: BTreeMap<String, T>,
    owners: Index,
    keys: Index,
    /// The orders of what is listed under an owner, by the names of the orders, until something under it changes.
    orders: BTreeMap<String, BTreeMap<&'static str, Arc<Order>>>,
    /// The records as they were before the current call; `None` if they didn't exist.
    before: BTreeMap<String, Option<T>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            owners: Index::new(),
            keys: Index::new(),
            orders: BTreeMap::new(),
            before: BTreeMap::new(),
        }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.rows.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns all records with their ids.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> {
        self.rows.iter().map(|(id, row)| (id.as_str(), row))
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// Returns the records that are listed under an [owner](Row::owner), with their ids.
    pub(crate) fn under<'a>(&'a self, owner: &str) -> impl DoubleEndedIterator<Item = (&'a str, &'a T)> + use<'a, T> {
        self.indexed(&self.owners, owner)
    }

    /// Returns the ids of what is listed under an owner in an order, which is remembered by its name, so that the pages
    /// of a long listing don't each sort it again.
    pub(crate) fn ordered(&mut self, owner: &str, name: &'static str, by: impl Fn(&T) -> String) -> Arc<Order> {
        if let Some(order) = self.orders.get(owner).and_then(|orders| orders.get(name)) {
            return order.clone();
        }
        let mut order: Order = self.under(owner).map(|(id, row)| (by(row), id.to_owned())).collect();
        order.sort();
        let order = Arc::new(order);
        if self.orders.len() >= ORDERED {
            self.orders.clear();
        }
        self.orders.entry(owner.to_owned()).or_default().insert(name, order.clone());
        order
    }

    /// Returns how many records are listed under an owner.
    pub(crate) fn count(&self, owner: &str) -> usize {
        self.owners.get(owner).map_or(0, BTreeSet::len)
    }

    /// Returns the records that have a [key](Row::keys), with their ids.
    pub(crate) fn keyed<'a>(&'a self, key: &str) -> impl DoubleEndedIterator<Item = (&'a str, &'a T)> + use<'a, T> {
        self.indexed(&self.keys, key)
    }

    fn indexed<'a>(
        &'a self,
        index: &'a Index,
        text: &str,
    ) -> impl DoubleEndedIterator<Item = (&'a str, &'a T)> + use<'a, T> {
        let ids = index.get(text).into_iter().flatten();
        ids.filter_map(|id| Some((id.as_str(), self.rows.get(id)?)))
    }

    /// Puts a record, in the place of another one with the same id.
    pub(crate) fn insert(&mut self, id: impl Into<String>, row: T) {
        let id = id.into();
        self.note(&id);
        self.set(&id, Some(row));
    }

    /// Removes a record, and returns it.
    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        if !self.contains(id) {
            return None;
        }
        self.note(id);
        self.set(id, None)
    }

    /// Returns the ids of the records that are listed under an owner, to change these.
    pub(crate) fn ids_under(&self, owner: &str) -> Vec<String> {
        self.owners.get(owner).into_iter().flatten().cloned().collect()
    }

    /// Returns the ids of the records that have a key, to change these.
    pub(crate) fn ids_keyed(&self, key: &str) -> Vec<String> {
        self.keys.get(key).into_iter().flatten().cloned().collect()
    }

    /// Removes all records that are listed under an owner.
    pub(crate) fn remove_under(&mut self, owner: &str) {
        for id in self.ids_under(owner) {
            self.remove(&id);
        }
    }

    /// Removes all records that have a key.
    pub(crate) fn remove_keyed(&mut self, key: &str) {
        for id in self.ids_keyed(key) {
            self.remove(&id);
        }
    }

    /// Changes a record. Returns whether it is there.
    pub(crate) fn update(&mut self, id: &str, change: impl FnOnce(&mut T)) -> bool {
        let Some(mut row) = self.remove(id) else { return false };
        change(&mut row);
        self.set(id, Some(row));
        true
    }

    /// Changes a record in a way that needn't be written to disk or taken back, and by which it isn't found.
    pub(crate) fn touch(&mut self, id: &str, change: impl FnOnce(&mut T)) {
        if let Some(row) = self.rows.get_mut(id) {
            change(row);
        }
    }

    /// Removes the records that don't fit.
    pub(crate) fn retain(&mut self, fits: impl Fn(&str, &T) -> bool) {
        let gone: Vec<String> = self.iter().filter(|(id, row)| !fits(id, row)).map(|(id, _)| id.to_owned()).collect();
        for id in gone {
            self.remove(&id);
        }
    }

    /// Removes the oldest records, of all or of those under an owner, until only so many are left.
    pub(crate) fn keep_latest(&mut self, owner: Option<&str>, most: usize) {
        let count = owner.map_or(self.rows.len(), |owner| self.owners.get(owner).map_or(0, BTreeSet::len));
        let surplus = count.saturating_sub(most);
        let oldest: Vec<String> = match owner {
            Some(owner) => self.under(owner).take(surplus).map(|(id, _)| id.to_owned()).collect(),
            None => self.iter().take(surplus).map(|(id, _)| id.to_owned()).collect(),
        };
        for id in oldest {
            self.remove(&id);
        }
    }

    /// Takes back all changes since the last [`commit`](Self::commit).
    pub(crate) fn rollback(&mut self) {
        for (id, row) in std::mem::take(&mut self.before) {
            self.set(&id, row);
        }
    }

    /// Lets the changes stand.
    pub(crate) fn commit(&mut self) {
        self.before.clear();
    }

    /// Returns the ids of what changed since the last [`commit`](Self::commit).
    pub(crate) fn changed(&self) -> impl Iterator<Item = &str> {
        self.before.keys().map(String::as_str)
    }

    /// Returns the records as they were before they changed, since the last [`commit`](Self::commit).
    pub(crate) fn replaced(&self) -> impl Iterator<Item = &T> {
        self.before.values().flatten()
    }

    fn note(&mut self, id: &str) {
        if !self.before.contains_key(id) {
            self.before.insert(id.to_owned(), self.rows.get(id).cloned());
        }
    }

    fn set(&mut self, id: &str, row: Option<T>) -> Option<T> {
        let old = self.rows.remove(id);
        if let Some(old) = &old {
            drop_from(&mut self.owners, old.owner().as_ref(), id);
            self.orders.remove(old.owner().as_ref());
            for key in old.keys() {
                drop_from(&mut self.keys, key.as_ref(), id);
            }
        }
        if let Some(row) = row {
            self.orders.remove(row.owner().as_ref());
            add(&mut self.owners, row.owner(), id);
            for key in row.keys() {
                add(&mut self.keys, key, id);
            }
            self.rows.insert(id.to_owned(), row);
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Pet {
        keeper: String,
        age: u32,
    }

    impl Row for Pet {
        fn owner(&self) -> Cow<'_, str> {
            Cow::Borrowed(&self.keeper)
        }

        fn keys(&self) -> Vec<Cow<'_, str>> {
            Vec::from_iter((self.age > 1).then(|| self.age.to_string().into()))
        }
    }

    fn pet(keeper: &str, age: u32) -> Pet {
        Pet { keeper: keeper.to_owned(), age }
    }

    fn under(table: &Table<Pet>, keeper: &str) -> Vec<String> {
        table.under(keeper).map(|(id, _)| id.to_owned()).collect()
    }

    #[test]
    fn changes_are_taken_back_or_listed() {
        let mut table = Table::default();
        table.insert("1", pet("Ann", 1));
        table.insert("2", pet("Bo", 2));
        assert_eq!(table.changed().collect::<Vec<_>>(), ["1", "2"]);
        table.commit();

        assert!(table.update("1", |pet| pet.keeper = "Bo".to_owned()));
        assert!(table.update("1", |pet| pet.age = 9));
        table.remove("2");
        table.insert("3", pet("Cy", 3));
        assert!(!table.update("4", |_| ()));
        assert_eq!((under(&table, "Ann"), under(&table, "Bo")), (vec![], vec!["1".to_owned()]));
        table.rollback();
        assert_eq!((table.get("1"), table.get("2"), table.len()), (Some(&pet("Ann", 1)), Some(&pet("Bo", 2)), 2));
        assert_eq!(
            (under(&table, "Ann"), under(&table, "Bo"), under(&table, "Cy")),
            (vec!["1".into()], vec!["2".into()], vec![])
        );

        let order = |table: &mut Table<Pet>| -> Vec<String> {
            table.ordered("Bo", "age", |pet| pet.age.to_string()).iter().map(|(_, id)| id.clone()).collect()
        };
        assert_eq!(order(&mut table), ["2"]);
        table.insert("5", pet("Bo", 1));
        assert_eq!(order(&mut table), ["5", "2"]);
        table.update("5", |pet| pet.age = 3);
        assert_eq!(order(&mut table), ["2", "5"]);
        table.rollback();
        assert_eq!(order(&mut table), ["2"]);

        assert_eq!((table.count("Ann"), table.count("Cy")), (1, 0));
        let aged = |age: &str| table.keyed(age).map(|(id, _)| id.to_owned()).collect::<Vec<_>>();
        assert_eq!((aged("1"), aged("2"), aged("9")), (vec![], vec!["2".to_owned()], vec![]));
        table.insert("3", pet("Bo", 3));
        table.insert("4", pet("Bo", 4));
        table.keep_latest(Some("Bo"), 2);
        table.keep_latest(Some("Cy"), 0);
        assert_eq!((under(&table, "Ann"), under(&table, "Bo")), (vec!["1".into()], vec!["3".into(), "4".into()]));
        table.keep_latest(None, 1);
        assert_eq!((under(&table, "Ann"), under(&table, "Bo")), (vec![], vec!["4".into()]));
        table.rollback();

        table.remove_under("Bo");
        assert_eq!((table.count("Bo"), table.len()), (0, 1));
        table.rollback();
        table.remove_keyed("2");
        assert_eq!((table.ids_keyed("2").len(), table.ids_under("Bo")), (0, vec![]));
        table.rollback();

        table.retain(|_, pet| pet.age > 1);
        assert_eq!(table.changed().collect::<Vec<_>>(), ["1"]);
        table.commit();
        table.rollback();
        assert_eq!(table.len(), 1);
    }
}
