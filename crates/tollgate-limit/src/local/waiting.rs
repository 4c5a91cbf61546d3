//! How calls wait.

/// How calls wait, whatever their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The most that may wait for one key.
    pub(crate) most: usize,
    /// Refuse instead.
    pub(crate) shed: bool,
}
