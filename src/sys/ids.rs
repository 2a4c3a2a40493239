//! What is drawn by lot, as an argument: a state's lineage and its salt.

use uuid::Uuid;

use crate::model::Digest;

/// Draws identities and salts.
pub trait Ids: Send + Sync {
    /// Returns a new lineage.
    fn lineage(&self) -> Uuid;

    /// Returns 32 bytes that nobody can guess.
    fn salt(&self) -> [u8; 32];
}

/// Chance, as the operating system has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn lineage(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn salt(&self) -> [u8; 32] {
        // A random UUID carries 122 random bits; three of them hold more than the digest can.
        let drawn: Vec<u8> = (0..3).flat_map(|_| Uuid::new_v4().into_bytes()).collect();
        *Digest::of(&drawn).as_bytes()
    }
}

/// The same answers every time.
#[derive(Clone, Copy, Debug)]
pub struct FixedIds {
    /// What every lineage is.
    pub lineage: Uuid,
    /// What every salt is.
    pub salt: [u8; 32],
}

impl Ids for FixedIds {
    fn lineage(&self) -> Uuid {
        self.lineage
    }

    fn salt(&self) -> [u8; 32] {
        self.salt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_twice() {
        assert_ne!(SystemIds.lineage(), SystemIds.lineage());
        assert_ne!(SystemIds.salt(), SystemIds.salt());
    }
}
