//! Two bounds of a figure.

/// From `low` to `high`, both counted in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    low: f64,
    high: f64,
}

impl Range {
    pub(crate) fn new(low: f64, high: f64) -> Self {
        Self {
            low,
            high: high.max(low),
        }
    }

    pub(crate) const fn low(self) -> f64 {
        self.low
    }

    pub(crate) const fn high(self) -> f64 {
        self.high
    }

    /// What lies in both.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        (low <= high).then_some(Self { low, high })
    }

    pub(crate) fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    pub(crate) fn middle(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// How many times the lower bound the upper one is.
    pub(crate) fn ratio(self) -> f64 {
        self.high / self.low.max(f64::MIN_POSITIVE)
    }
}
