//! The providers that need no more than a key.
//!
//! Each function gives a [`Provider`] with its address, its way to see a key, and its dialect; where
//! it also speaks others, [`Provider::speaking`] finds their address. As documented by the providers
//! in September to November 2026; the link of each is in its line.

mod parts;
mod table;

use super::{Auth, LimitScope, Provider};
use crate::{Place, Wire, site::Elsewhere};

pub use parts::*;
pub use table::*;

/// A provider as its row of the table has it.
#[derive(Debug)]
pub(super) struct Preset {
    name: &'static str,
    /// The variable its own libraries read.
    variable: &'static str,
    limits: LimitScope,
    /// Its dialects; the first is the one it starts with.
    speaks: &'static [Speaks],
}

/// An address and the dialect spoken there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaks {
    pub(super) wire: Wire,
    pub(super) base: &'static str,
    pub(super) key: Key,
    pub(super) place: Place,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) elsewhere: &'static [Elsewhere],
}

/// [`Auth`], as a constant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Bearer,
    Header(&'static str),
    None,
}

impl Key {
    pub(super) const fn auth(self) -> Auth {
        match self {
            Self::Bearer => Auth::Bearer,
            Self::Header(name) => Auth::Header(std::borrow::Cow::Borrowed(name)),
            Self::None => Auth::None,
        }
    }
}

impl Speaks {
    const fn new(wire: Wire, base: &'static str) -> Self {
        Self {
            wire,
            base,
            key: Key::Bearer,
            place: wire.place(),
            headers: &[],
            query: &[],
            elsewhere: &[],
        }
    }

    const fn openai(base: &'static str) -> Self {
        Self::new(Wire::OpenAi, base)
    }

    /// Anthropic's dialect, as Anthropic and those who imitate it want it.
    const fn anthropic(base: &'static str) -> Self {
        Self {
            headers: &[("anthropic-version", "2023-06-01")],
            ..Self::new(Wire::Anthropic, base).key_in("x-api-key")
        }
    }

    /// Anthropic's dialect in an envelope of another provider.
    const fn anthropic_in(place: Place, base: &'static str) -> Self {
        Self {
            place,
            ..Self::new(Wire::Anthropic, base)
        }
    }

    /// Wants its key in a header of its own.
    const fn key_in(self, header: &'static str) -> Self {
        Self {
            key: Key::Header(header),
            ..self
        }
    }
}

impl Preset {
    pub(super) const fn variable(&self) -> &'static str {
        self.variable
    }

    pub(super) fn speaks(&self, wire: Wire) -> Option<&Speaks> {
        self.speaks.iter().find(|speaks| speaks.wire == wire)
    }

    fn provider(&'static self) -> Provider {
        let first = &self.speaks[0];
        let mut provider = Provider::new(self.name, first.base, first.wire);
        provider.limits = self.limits;
        provider.preset = Some(self);
        provider.speak(first);
        provider
    }
}

#[cfg(test)]
pub(crate) mod tests;
