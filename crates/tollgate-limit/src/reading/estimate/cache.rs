//! What prompts take of which a part comes out of a cache that the limit does not count.
//!
//! Only Anthropic decides by what is counted. Bedrock and Groq reserve the whole prompt when a call
//! arrives, and give back what came out of a cache when it is over; so does the limiter.

/// How many prompts are remembered. Few, so that a conversation that changes is followed.
const KEPT: usize = 5;

/// After so many misses in a row, each where a hit was expected, prompts are expected whole.
const MISSES: u8 = 3;

/// The newest prompts that a cache served, and what the newest miss put into it.
///
/// The part of a prompt that is new is remembered, not its share: a conversation grows with each
/// turn, and its turns do not. The median is taken, so that one prompt that found the cache expired
/// does not count for the turns after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CacheHistory {
    /// What was counted of the newest prompts that were served from a cache.
    counted: [u64; KEPT],
    /// How many of them are set, and which one is the next to be replaced.
    len: u8,
    next: u8,
    /// Tokens that the newest miss wrote; 0 if none did.
    written: u64,
    misses: u8,
}

impl CacheHistory {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self {
            counted: [0; KEPT],
            len: 0,
            next: 0,
            written: 0,
            misses: 0,
        }
    }

    /// Whether anything was learned.
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0 && self.written == 0
    }

    /// How much of a prompt that uses the cache will be counted. At least one token: a call that
    /// takes none is not read, and would teach nothing.
    pub(super) fn expect(&self, prompt: u64) -> u64 {
        let counted = if self.misses >= MISSES {
            prompt
        } else if let Some(usual) = self.median() {
            prompt.min(usual)
        } else {
            prompt.saturating_sub(self.written)
        };
        counted.max(prompt.min(1))
    }

    /// A prompt was counted so, with `read` tokens from the cache that were not, and `written` into
    /// it that were. `reserved` tokens were expected.
    pub(super) fn learn(&mut self, counted: u64, read: u64, written: u64, reserved: u64) {
        if read > 0 {
            self.misses = 0;
            self.counted[usize::from(self.next)] = counted;
            self.next = (self.next + 1) % KEPT as u8;
            self.len = self.len.saturating_add(1).min(KEPT as u8);
        } else if written > 0 {
            self.written = written;
            // Calls that leave together all miss, and none of them was expected to hit.
            if reserved < counted / 2 {
                self.misses = self.misses.saturating_add(1);
            }
        }
    }

    fn median(&self) -> Option<u64> {
        let mut sorted = self.counted;
        let sorted = sorted.get_mut(..usize::from(self.len))?;
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(prompts: &[(u64, u64, u64)]) -> CacheHistory {
        let mut history = CacheHistory::new();
        for (counted, read, written) in prompts {
            let reserved = history.expect(counted + read);
            history.learn(*counted, *read, *written, reserved);
        }
        history
    }

    #[test]
    fn what_a_miss_wrote_is_expected_to_be_there_for_the_next() {
        assert_eq!(after(&[]).expect(50_000), 50_000);
        assert_eq!(after(&[(50_000, 0, 49_000)]).expect(52_000), 3_000);
        assert_eq!(after(&[(50_000, 0, 49_000)]).expect(9_000), 1);
        assert_eq!(after(&[(50_000, 0, 49_000)]).expect(0), 0);
    }

    #[test]
    fn turns_count_and_not_the_conversation() {
        let turns: Vec<_> = (1..=20).map(|turn| (2_000, 2_000 * turn, 1_900)).collect();
        assert_eq!(after(&turns).expect(44_000), 2_000);
        assert_eq!(after(&turns).expect(500), 500);
        // A pause after which the cache had expired.
        let mut paused = turns;
        paused.push((44_000, 0, 44_000));
        assert_eq!(after(&paused).expect(46_000), 2_000);
    }

    #[test]
    fn a_cache_that_is_never_hit_is_not_counted_on() {
        let cold = [(10_000, 0, 10_000); 5];
        assert_eq!(after(&cold).expect(10_000), 10_000);
        let mut once_more = cold.to_vec();
        once_more.push((500, 9_500, 0));
        assert_eq!(after(&once_more).expect(10_000), 500);
    }

    #[test]
    fn misses_of_calls_that_left_together_prove_nothing() {
        let mut history = CacheHistory::new();
        for _ in 0..20 {
            history.learn(50_000, 0, 50_000, 50_000);
        }
        assert_eq!(history.expect(52_000), 2_000);
    }
}
