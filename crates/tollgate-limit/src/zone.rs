//! A time zone, of which a calendar day needs one thing: when its next midnight is.

#[cfg(feature = "calendar")]
pub(crate) use known::Zone;

/// Without the time zones none can be made, and so no limit of a calendar day.
#[cfg(not(feature = "calendar"))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Zone;

#[cfg(not(feature = "calendar"))]
impl Zone {
    #[expect(clippy::unused_self, reason = "as of a zone")]
    pub(crate) const fn midnight_after(&self, _: u64) -> Option<u64> {
        None
    }
}

#[cfg(feature = "calendar")]
mod known {
    use jiff::{Timestamp, ToSpan, tz::TimeZone};

    #[derive(Debug, Clone, PartialEq)]
    pub(crate) struct Zone(TimeZone);

    impl Zone {
        pub(crate) fn named(name: &str) -> Option<Self> {
            TimeZone::get(name).ok().map(Self)
        }

        /// The first midnight after a time; both are seconds since 1970.
        pub(crate) fn midnight_after(&self, seconds: u64) -> Option<u64> {
            let here = Timestamp::from_second(seconds.try_into().ok()?).ok()?;
            let here = here.to_zoned(self.0.clone());
            let tomorrow = here.checked_add(1.day()).ok()?.start_of_day().ok()?;
            tomorrow.timestamp().as_second().try_into().ok()
        }
    }
}
