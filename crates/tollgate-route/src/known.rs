//! The numbers and records of targets, which outlive a change of the routes.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tollgate_core::Target;

use crate::{
    cooldown::Keys,
    outcomes::{Outcomes, Slot},
    table::Table,
};

/// How many targets, accounts and providers that no route has any more are remembered.
const KEPT: usize = 1_000;

/// Everybody who is or was in a route. No number is given twice, so that a call which began under
/// other routes can never speak of the wrong target.
#[derive(Debug, Default)]
pub(crate) struct Known {
    all: HashMap<Target, Entry>,
    next: usize,
    /// How often the routes were set.
    round: u64,
}

#[derive(Debug)]
struct Entry {
    number: usize,
    slot: Arc<Slot>,
    /// When it was last in a route.
    round: u64,
}

impl Known {
    /// The numbers and the records of a table's targets, by their place in it. Who was there before
    /// has the same as then.
    pub(crate) fn enter(&mut self, table: &Table) -> (Vec<Keys>, Outcomes) {
        self.round += 1;
        let keys = table.sites.iter().map(|site| {
            let whole = Target::provider_only(site.target.provider());
            let account = match site.target.account() {
                Some(alias) => whole.clone().with_account(alias),
                None => whole.clone(),
            };
            Keys {
                provider: self.entry(&whole).number,
                account: self.entry(&account).number,
                site: self.entry(&site.target).number,
            }
        });
        let keys = keys.collect();
        let slots = table.sites.iter();
        let slots = slots
            .map(|site| self.entry(&site.target).slot.clone())
            .collect();
        self.forget();
        (keys, slots)
    }

    /// The numbers of those who are in a route now.
    pub(crate) fn present(&self) -> HashSet<usize> {
        let now = self.all.values().filter(|entry| entry.round == self.round);
        now.map(|entry| entry.number).collect()
    }

    fn entry(&mut self, target: &Target) -> &Entry {
        let next = &mut self.next;
        let entry = self.all.entry(target.clone()).or_insert_with(|| {
            *next += 1;
            Entry {
                number: *next,
                slot: Arc::default(),
                round: 0,
            }
        });
        entry.round = self.round;
        entry
    }

    /// Those who left first are forgotten first.
    fn forget(&mut self) {
        let mut left: Vec<_> = self.all.values().map(|entry| entry.round).collect();
        left.retain(|round| *round < self.round);
        let Some(over) = left.len().checked_sub(KEPT).filter(|over| *over > 0) else {
            return;
        };
        left.sort_unstable();
        let last = left[over - 1];
        self.all.retain(|_, entry| entry.round > last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Route, provider::preset};

    fn table(models: impl IntoIterator<Item = String>) -> Table {
        let groq = preset::groq().key("k");
        let endpoints: Vec<_> = models.into_iter().map(|model| groq.model(model)).collect();
        Table::new(&[Route::new("r").ordered(endpoints)]).expect("it builds")
    }

    #[test]
    fn who_comes_back_has_the_number_and_the_record_of_before() {
        let mut known = Known::default();
        let [a, b] = ["a", "b"].map(str::to_owned);
        let (before, slots) = known.enter(&table([a.clone(), b.clone()]));
        slots.enter(0);
        let (without, _) = known.enter(&table([b.clone()]));
        assert_eq!(without[0], before[1], "by name, not by place");
        assert!(!known.present().contains(&before[0].site));
        assert!(known.present().contains(&before[0].provider));
        let (again, slots) = known.enter(&table([b, a]));
        assert_eq!([again[1], again[0]], [before[0], before[1]]);
        assert_eq!((slots.in_flight(0), slots.in_flight(1)), (0, 1));
    }

    #[test]
    fn not_everybody_who_ever_was_there_is_remembered() {
        let mut known = Known::default();
        let first = known.enter(&table(["m".to_owned()])).0[0].site;
        for round in 0..5 {
            known.enter(&table((0..400).map(|nth| format!("{round}.{nth}"))));
        }
        assert!(known.all.len() <= KEPT + 402, "{}", known.all.len());
        let again = known.enter(&table(["m".to_owned()])).0[0].site;
        assert!(again > first, "no number is given twice");
    }
}
