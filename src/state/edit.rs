//! The state, changed by hand: records under other names, and records that are dropped.
//!
//! Nothing here touches the cloud. A record is moved or dropped with its children, since their addresses begin with
//! its name and their identities with its live name.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, State};
use crate::model::{Address, SchemaSet};

/// A record that cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// There is no such record.
    #[error("nothing is recorded as {0}")]
    Nothing(Address),
    /// Something stands where it, or one of its children, would arrive.
    #[error("{} cannot move to {}, where another resource is recorded", .0.from, .0.to)]
    Taken(Box<Move>),
    /// The new address is of another type, or of another form.
    #[error("{} cannot become {}: {why}", moved.from, moved.to)]
    Unlike {
        /// What would move.
        moved: Box<Move>,
        /// How the two differ.
        why: &'static str,
    },
    /// It is there already.
    #[error("{0} has that address already")]
    Same(Address),
}

/// A record's way from one address to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Its old address.
    pub from: Address,
    /// Its new one.
    pub to: Address,
}

impl State {
    /// Returns the recorded children of a record, and theirs, in the order of their addresses.
    pub fn children<'a>(
        &'a self,
        parent: &'a Address,
        schemas: &'a SchemaSet,
    ) -> impl Iterator<Item = &'a Address> {
        let identity = self.records.get(parent).map(|record| &record.identity);
        self.records
            .iter()
            .filter(move |(_, record)| identity.is_some_and(|top| schemas.is_within(&record.identity, top)))
            .map(|(address, _)| address)
    }

    /// Gives a record another address, and its children theirs; whatever depended on them knows them by it. Returns
    /// the moves.
    ///
    /// # Errors
    /// Fails, with nothing changed, when there is nothing to move, or no place for it.
    pub fn rename(
        &mut self,
        from: &Address,
        to: &Address,
        schemas: &SchemaSet,
    ) -> Result<Vec<(Address, Address)>, MoveError> {
        if !self.records.contains_key(from) {
            return Err(MoveError::Nothing(from.clone()));
        }
        if from == to {
            return Err(MoveError::Same(from.clone()));
        }
        let moved = |from: &Address, to: &Address| Box::new(Move { from: from.clone(), to: to.clone() });
        let unlike = |why| MoveError::Unlike { moved: moved(from, to), why };
        if from.kind != to.kind {
            return Err(unlike("they are of different types"));
        }
        if from.name.is_some() != to.name.is_some() {
            return Err(unlike("only one of them names an entry of the project"));
        }
        let child = |address: &Address| {
            // One that stands under another name than its parent's was put there by hand.
            let name = if address.name == from.name { to.name.clone() } else { address.name.clone() };
            (address.clone(), Address { name, ..address.clone() })
        };
        let children = self.children(from, schemas).map(child).filter(|(old, new)| old != new);
        let moves: BTreeMap<Address, Address> =
            std::iter::once((from.clone(), to.clone())).chain(children).collect();
        if let Some((from, to)) =
            moves.iter().find(|(_, to)| self.records.contains_key(*to) && !moves.contains_key(*to))
        {
            return Err(MoveError::Taken(moved(from, to)));
        }
        let taken: Vec<_> =
            moves.iter().filter_map(|(from, to)| Some((to.clone(), self.records.remove(from)?))).collect();
        self.records.extend(taken);
        for record in self.records.values_mut() {
            let known = std::mem::take(&mut record.depends_on).into_iter();
            record.depends_on = known.map(|source| moves.get(&source).cloned().unwrap_or(source)).collect();
        }
        // The resource first, then what belongs to it.
        let mut moves: Vec<_> = moves.into_iter().collect();
        moves.sort_by_key(|(old, _)| (old != from, old.clone()));
        Ok(moves)
    }

    /// Drops records and their children; what they describe stays in the cloud. Returns their addresses.
    pub fn forget(&mut self, named: &BTreeSet<Address>, schemas: &SchemaSet) -> BTreeSet<Address> {
        let children = named.iter().flat_map(|address| self.children(address, schemas));
        let gone: BTreeSet<Address> = named
            .iter()
            .chain(children)
            .filter(|address| self.records.contains_key(*address))
            .cloned()
            .collect();
        for address in &gone {
            self.apply(&Entry::Forgotten { address: address.clone() });
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Identity, Schema};
    use crate::state::{Lineage, Owner, Record};

    const HELLO: &str = "fc3_function.hello";

    fn address(text: &str) -> Address {
        text.parse().expect("an address")
    }

    const FUNCTION: Schema = Schema {
        kind: "fc3_function",
        noun: "function",
        version: 1,
        parent: None,
        shared: false,
        name: "functionName",
        id: None,
        attributes: &[],
        outputs: &[],
    };
    static TYPES: [Schema; 2] = [
        FUNCTION,
        Schema {
            kind: "fc3_trigger",
            noun: "trigger",
            parent: Some("fc3_function"),
            name: "triggerName",
            ..FUNCTION
        },
    ];

    fn schemas() -> SchemaSet {
        TYPES.iter().collect()
    }

    fn state(records: &[(&str, Option<&str>, &str)]) -> State {
        let text = str::to_owned;
        let owner = Owner {
            project: text("p"),
            file: text("s.yaml"),
            cloud: text("embedded"),
            account: text("1"),
            environment: None,
        };
        let mut state = State::new(owner.clone(), Lineage(text("l")), vec![1]);
        for (at, parent, name) in records {
            let address = address(at);
            let identity = Identity {
                cloud: owner.cloud.clone(),
                account: owner.account.clone(),
                region: text("r"),
                kind: address.kind.clone(),
                parent: parent.map(text),
                name: text(name),
            };
            let mut record = Record::new(identity, 1);
            record.depends_on = parent.map(|_| self::address(HELLO)).into_iter().collect();
            state.records.insert(address, record);
        }
        state
    }

    fn greeter() -> State {
        state(&[
            (HELLO, None, "hello"),
            ("fc3_trigger.hello[\"http\"]", Some("hello"), "http"),
            ("fc3_function.other", None, "other"),
            ("fc3_trigger.other[\"http\"]", Some("other"), "http"),
        ])
    }

    #[track_caller]
    fn check(state: &State, expected: &[&str]) {
        let found: Vec<String> = state.records.keys().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_record_moves_with_its_children_and_whoever_needs_it_follows() {
        let mut state = greeter();
        let moves = state.rename(&address(HELLO), &address("fc3_function.hi"), &schemas()).expect("moves");
        check(
            &state,
            &[
                "fc3_function.hi",
                "fc3_function.other",
                "fc3_trigger.hi[\"http\"]",
                "fc3_trigger.other[\"http\"]",
            ],
        );
        assert_eq!(moves.first().map(|(from, _)| from.to_string()).as_deref(), Some(HELLO), "{moves:?}");
        let child = &state.records[&address("fc3_trigger.hi[\"http\"]")];
        assert_eq!(child.depends_on, [address("fc3_function.hi")].into());
        assert_eq!(child.identity.parent.as_deref(), Some("hello"), "the cloud knows it as before");
    }

    #[test]
    fn a_move_that_cannot_be_made_changes_nothing() {
        let state = greeter();
        for (from, to, why) in [
            ("fc3_function.helo", "fc3_function.hi", "nothing is recorded"),
            (HELLO, "fc3_function.other", "another resource is recorded"),
            ("fc3_trigger.hello[\"http\"]", "fc3_trigger.other[\"http\"]", "another resource is recorded"),
            (HELLO, "fc3_trigger.hi[\"http\"]", "different types"),
            (HELLO, "fc3_function[\"hi\"]", "names an entry"),
            (HELLO, HELLO, "already"),
        ] {
            let mut moved = state.clone();
            let error = moved.rename(&address(from), &address(to), &schemas()).expect_err("refused");
            assert!(error.to_string().contains(why), "{error}");
            assert_eq!(moved, state, "{from} to {to}");
        }
    }

    #[test]
    fn a_child_arrives_at_a_place_that_its_own_kin_leaves() {
        let mut state = state(&[(HELLO, None, "hello"), ("fc3_trigger.hi[\"http\"]", Some("hello"), "http")]);
        state.rename(&address(HELLO), &address("fc3_function.hi"), &schemas()).expect("moves");
        check(&state, &["fc3_function.hi", "fc3_trigger.hi[\"http\"]"]);
    }

    #[test]
    fn what_is_forgotten_takes_its_children_along() {
        let mut state = greeter();
        let gone = state.forget(&[address(HELLO)].into(), &schemas());
        assert_eq!(gone.len(), 2);
        check(&state, &["fc3_function.other", "fc3_trigger.other[\"http\"]"]);
    }
}
