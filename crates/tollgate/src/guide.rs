//! Guides: from the first call to tuning, tests and trouble.
//!
//! | guide | answers |
//! |---|---|
//! | [`getting_started`] | How do I make a call? How do I read what went wrong? |
//! | [`order`] | Where does each layer go, mine and other people's? |
//! | [`tower`](mod@tower) | How do I add single layers to the tower stack I have? What is its type then? |
//! | [`testing`] | How do I test my stack, without waiting and without a network? |
//! | [`fallback`] | How do I fall back over providers, and what does each failure cost? |
//! | [`limits`] | Should I configure a limit, and in which form? Why does my call wait? How do I limit my own users? |
//! | [`tuning`] | Which settings are for me? What are the defaults? |
//! | [`observability`] | What can I see, and how do I get it into my logs? |
//! | [`troubleshooting`] | Why did it not fall back, still fail, wait, or refuse? |
//! | [`shutdown`] | What becomes of calls when my program is told to end? |
//! | [`sdks`] | How do I stop an SDK from retrying on top? |
//! | [`migration`] | What do I write instead of what I have? |
//!
//! Each code block of a guide is compiled, and run where it needs no network, with the tests of this
//! crate.

#[doc = include_str!("guide/getting_started.md")]
pub mod getting_started {}

#[doc = include_str!("guide/order.md")]
pub mod order {}

#[doc = include_str!("guide/tower.md")]
pub mod tower {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/fallback.md")]
pub mod fallback {}

#[doc = include_str!("guide/limits.md")]
pub mod limits {}

#[doc = include_str!("guide/tuning.md")]
pub mod tuning {}

#[doc = include_str!("guide/observability.md")]
pub mod observability {}

#[doc = include_str!("guide/troubleshooting.md")]
pub mod troubleshooting {}

#[doc = include_str!("guide/shutdown.md")]
pub mod shutdown {}

#[doc = include_str!("guide/sdks.md")]
pub mod sdks {}

#[doc = include_str!("guide/migration.md")]
pub mod migration {}

#[cfg(test)]
mod tests;
