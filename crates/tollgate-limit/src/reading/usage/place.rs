//! Where in a document or an event a reader stands.
//!
//! What a model writes may look like usage, and so may the arguments of its calls, the schemas of
//! tools, and what a gateway adds. So a count is believed only where a provider puts it.

use super::keys::Key;

/// What the nearest object or array is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Zone {
    /// Between documents.
    #[default]
    Outside,
    /// The array that Gemini's stream is when it is no event stream.
    Array,
    /// A document or the data of an event.
    Root,
    /// An object that holds what others hold at the root.
    Envelope,
    /// An object around billed units.
    Meta,
    /// The answers of chat completions, and one of them.
    Choices,
    Choice,
    /// What is deeper, or of no interest.
    Inside,
}

/// So deep are the places of all who are known: a choice in an array.
const SHALLOW: usize = 4;

/// A place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    depth: u32,
    /// Of the outermost objects and arrays.
    zones: [Zone; SHALLOW],
    /// How deep the object is that holds what a stream adds; 0 outside of it.
    delta: u32,
    /// How deep the object or array is whose text came before; 0 outside of it.
    again: u32,
}

impl Place {
    /// What the nearest object or array is.
    pub(super) fn zone(&self) -> Zone {
        match self.depth as usize {
            0 => Zone::Outside,
            depth => self.zones.get(depth - 1).copied().unwrap_or(Zone::Inside),
        }
    }

    /// Between documents.
    pub(super) const fn is_outside(&self) -> bool {
        self.depth == 0
    }

    /// In what a stream adds.
    pub(super) const fn in_delta(&self) -> bool {
        self.delta > 0
    }

    /// In what is a repetition.
    pub(super) const fn is_again(&self) -> bool {
        self.again > 0
    }

    /// An object begins, perhaps the value of a key.
    pub(super) fn open_object(&mut self, key: Option<Key>) {
        let zone = match (self.zone(), key) {
            (Zone::Outside | Zone::Array, _) => Zone::Root,
            (Zone::Root, Some(Key::Envelope | Key::Response | Key::Delta)) => Zone::Envelope,
            (Zone::Root | Zone::Envelope, Some(Key::Meta)) => Zone::Meta,
            (Zone::Choices, None) => Zone::Choice,
            _ => Zone::Inside,
        };
        let adds = self.may_add(key);
        self.open(zone);
        if adds && self.delta == 0 {
            self.delta = self.depth;
        }
        self.open_again(key);
    }

    /// An array begins, perhaps the value of a key.
    pub(super) fn open_array(&mut self, key: Option<Key>) {
        let zone = match (self.zone(), key) {
            (Zone::Outside, _) => Zone::Array,
            (Zone::Root, Some(Key::Choices)) => Zone::Choices,
            _ => Zone::Inside,
        };
        self.open(zone);
        self.open_again(key);
    }

    /// Whether this key holds what a stream adds.
    pub(super) fn may_add(&self, key: Option<Key>) -> bool {
        key == Some(Key::Delta) && matches!(self.zone(), Zone::Root | Zone::Choice)
    }

    fn open(&mut self, zone: Zone) {
        if let Some(here) = self.zones.get_mut(self.depth as usize) {
            *here = zone;
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn open_again(&mut self, key: Option<Key>) {
        if key == Some(Key::Again) && self.again == 0 {
            self.again = self.depth;
        }
    }

    /// An object or array ends.
    pub(super) const fn close(&mut self) {
        if self.delta == self.depth {
            self.delta = 0;
        }
        if self.again == self.depth {
            self.again = 0;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether the value of this key is an object of counts.
    pub(super) fn counts(&self, key: Key) -> bool {
        match key {
            Key::Usage => matches!(self.zone(), Zone::Root | Zone::Envelope | Zone::Choice),
            Key::UsageMetadata => matches!(self.zone(), Zone::Root | Zone::Envelope),
            Key::BilledUnits => self.zone() == Zone::Meta,
            Key::Metrics => self.zone() == Zone::Root,
            _ => false,
        }
    }

    /// Whether the value of this key is a text of the answer.
    pub(super) fn is_text(&self, key: Key) -> bool {
        match key {
            Key::Text => true,
            Key::Response => self.zone() == Zone::Root,
            Key::Delta => self.may_add(Some(key)),
            _ => false,
        }
    }
}
