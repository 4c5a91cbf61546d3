//! What the reader remembers of a sentence: who asks to come back, and which times wait for such a
//! word.

use std::time::Duration;

use super::{lexicon::Word, signs, signs::Sign};
use crate::text::units::{MILLI, SECOND};

/// So many words may stand between a word that asks to come back and the time.
const FILLERS: u8 = 12;

/// A time as the text states it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Time {
    Span(Duration),
    /// `None` where it is no hint: past, or of no known zone.
    Moment(Option<Duration>),
}

/// What leads to a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// "In", "within": a span follows.
    In,
    /// "For": a span follows, and it lasts.
    For,
    /// "After": either.
    After,
    /// "At", "on": a moment follows.
    At,
    /// "Until": either.
    Until,
}

/// What a word asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stem {
    /// "Wait", "cooldown": a bare number is seconds.
    Wait,
    /// "Retry", "try".
    Retry,
    /// "Again": only where nothing failed before.
    Again,
    /// "Waiting": as "again", but no advice.
    Waiting,
    /// "Resets", "refreshes".
    Reset,
    /// "Available", "allowed", "next": only with a preposition.
    Open,
    /// "Blocked", "suspended": only for how long.
    Held,
}

/// A word that asks to come back, with nothing but fillers behind it.
#[derive(Debug, Clone, Copy)]
struct Ask {
    stem: Stem,
    lead: Option<Lead>,
    /// Nanoseconds of a bare number, where a word says: `retry_after_ms`.
    unit: Option<u64>,
    negated: bool,
    fillers: u8,
}

impl Ask {
    fn takes(self, time: Time) -> bool {
        let Time::Span(_) = time else { return true };
        if self.stem == Stem::Held {
            return matches!(self.lead, Some(Lead::For | Lead::Until));
        }
        let open = self.stem == Stem::Open;
        match self.lead {
            Some(Lead::At) => false,
            // "No worker was available in 30 s" tells what happened.
            Some(Lead::In | Lead::After) => !(open && self.negated),
            Some(Lead::For | Lead::Until) => true,
            None => !open,
        }
    }
}

/// What must follow a time to make it a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaits {
    /// "After 30 seconds, please try again."
    Advice,
    /// "Bitte in 30 Sekunden erneut versuchen."
    Again,
    /// "30 seconds before the next attempt"; first "before", then whatever asks.
    Before,
    /// `30 秒后` ... `重试`
    Sign,
    /// `30秒` ... `お待ちください`
    Patience,
}

#[derive(Debug)]
struct Pending {
    time: Time,
    awaits: Awaits,
    words: u8,
}

/// What was read of a sentence so far.
#[derive(Debug, Default)]
pub(super) struct Sentence {
    ask: Option<Ask>,
    pending: Option<Pending>,
    /// A preposition with nothing but fillers behind it, and whether it opens its clause.
    lead: Option<(Lead, bool)>,
    /// Words were read in this clause.
    started: bool,
    /// "Failed" and its like stood up to so many words ago: what follows has passed.
    past: u8,
    /// "Not" stood up to so many words ago.
    negated: u8,
}

impl Sentence {
    pub(super) fn asks(&self) -> bool {
        self.ask.is_some()
    }

    /// The preposition in front of a time.
    pub(super) fn lead(&self) -> Option<Lead> {
        match self.ask {
            Some(ask) => ask.lead,
            None => self.lead.map(|(lead, _)| lead),
        }
    }

    /// The unit of a bare number, where it may be a span.
    pub(super) fn bare_unit(&self) -> Option<u64> {
        let ask = self.ask.filter(|ask| ask.lead != Some(Lead::At))?;
        let span = ask.lead.is_some_and(|lead| lead != Lead::Until)
            || ask.stem == Stem::Wait && ask.lead.is_none();
        let span = span && ask.takes(Time::Span(Duration::ZERO));
        ask.unit.or_else(|| span.then_some(SECOND))
    }

    /// A comma or a dash.
    pub(super) fn end_clause(&mut self) {
        self.ask = None;
        self.start_clause();
        self.past = 0;
        let loose = |pending: &Pending| !matches!(pending.awaits, Awaits::Again | Awaits::Before);
        self.pending = self.pending.take().filter(loose);
    }

    /// A colon or a quote. "Timed out: after 30 s" goes on with what failed.
    pub(super) fn start_clause(&mut self) {
        self.started &= self.past > 0;
        self.lead = None;
    }

    /// A number that is no time.
    pub(super) fn number(&mut self) {
        self.ask = None;
        self.lead = None;
        self.started = true;
        self.pend_on(1, |awaits| matches!(awaits, Awaits::Advice | Awaits::Sign));
    }

    /// A time, and what follows it. Returns the time where it is a wait.
    pub(super) fn time(&mut self, time: Time, after: &str) -> Option<Time> {
        let ask = self.ask.take();
        let lead = self.lead.take();
        self.started = true;
        self.pending = None;
        if is_over(after) {
            return None;
        }
        if let Some(ask) = ask {
            return ask.takes(time).then_some(time);
        }
        let (awaits, words) = match (time, lead) {
            (Time::Span(_), _) if signs::later(after) => (Awaits::Sign, 12),
            (_, Some((_, true))) => (Awaits::Advice, 8),
            (Time::Span(_), Some((Lead::In | Lead::After, false))) if self.past == 0 => {
                (Awaits::Again, 4)
            }
            (Time::Span(_), _) if signs::follow(after) => (Awaits::Patience, 6),
            (Time::Span(_), None | Some((Lead::For, _))) if self.past == 0 => (Awaits::Before, 1),
            _ => return None,
        };
        self.pending = Some(Pending {
            time,
            awaits,
            words,
        });
        None
    }

    /// A word, and what stood before it. Returns a time that it makes a wait.
    pub(super) fn word(&mut self, word: &str, kind: Word, before: Word) -> Option<Time> {
        let ripe = self.ripen(kind, before);
        self.past = self.past.saturating_sub(1);
        self.negated = self.negated.saturating_sub(1);
        match kind {
            Word::Stem(stem) => self.stem(stem, word, before),
            Word::Expires if before == Word::Limit => self.stem(Stem::Reset, word, before),
            Word::Lead(lead) => {
                self.lead = Some((lead, !self.started));
                self.fill();
                if let Some(ask) = &mut self.ask {
                    ask.lead = Some(lead);
                }
            }
            Word::Unit(nanos) => {
                self.fill();
                if let Some(ask) = &mut self.ask {
                    ask.unit = Some(nanos);
                }
            }
            Word::Filler | Word::Polite | Word::Limit | Word::Before => self.fill(),
            Word::Negation => {
                self.negated = 3;
                self.fill();
            }
            Word::Past => {
                self.past = 3;
                self.ask = None;
                self.lead = None;
                self.pending = None;
            }
            Word::Advice | Word::Link | Word::Echo | Word::Expires | Word::Other => {
                self.ask = None;
                self.lead = None;
            }
        }
        self.started |= kind != Word::Polite;
        ripe
    }

    fn fill(&mut self) {
        self.ask = self.ask.take().and_then(|ask| {
            let fillers = ask.fillers.checked_sub(1)?;
            Some(Ask { fillers, ..ask })
        });
    }

    fn stem(&mut self, stem: Stem, word: &str, before: Word) {
        let weak = !matches!(stem, Stem::Wait | Stem::Retry | Stem::Reset);
        // "Try again", "wait until the next request": the first word has said it.
        let open = |ask: Ask| matches!(ask.stem, Stem::Open | Stem::Held);
        if weak && self.ask.is_some_and(|ask| !open(ask)) {
            return self.fill();
        }
        // Past, as in "the connection was reset after 30 s", "failed again", "rolled back".
        let past = match stem {
            Stem::Reset => before == Word::Link,
            Stem::Again | Stem::Waiting | Stem::Open => self.past > 0,
            _ => false,
        };
        let lasting = self.lead.filter(|(lead, _)| *lead == Lead::For);
        let lead = lasting.filter(|_| stem == Stem::Open).map(|(lead, _)| lead);
        let ms = word.len() > 6 && (word.ends_with("ms") || word.ends_with("millis"));
        let unit = ms.then_some(MILLI);
        self.lead = None;
        self.ask = (!past).then_some(Ask {
            stem,
            lead,
            unit,
            negated: self.negated > 0,
            fillers: FILLERS,
        });
        if matches!(stem, Stem::Wait | Stem::Retry) {
            self.past = 0;
        }
    }

    /// Looks whether a word makes the pending time a wait.
    fn ripen(&mut self, kind: Word, before: Word) -> Option<Time> {
        let awaits = self.pending.as_ref()?.awaits;
        let asks = match kind {
            Word::Stem(Stem::Wait | Stem::Retry | Stem::Again) | Word::Advice => true,
            Word::Stem(Stem::Reset) => before != Word::Link,
            Word::Stem(Stem::Open) => awaits == Awaits::Again,
            _ => false,
        };
        let before = matches!(kind, Word::Before | Word::Lead(Lead::Until));
        match awaits {
            Awaits::Before => {
                // Whatever asks may follow now.
                let pending = self.pending.take().filter(|_| before);
                self.pending = pending.map(|Pending { time, .. }| Pending {
                    time,
                    awaits: Awaits::Again,
                    words: 4,
                });
            }
            _ if asks => return Some(self.pending.take()?.time),
            Awaits::Again | Awaits::Patience if !fills(kind) => self.pending = None,
            _ => self.pend_on(1, |_| true),
        }
        None
    }

    /// So many words of those a pending time may wait for are gone.
    fn pend_on(&mut self, words: u8, keep: impl FnOnce(Awaits) -> bool) {
        let pending = self.pending.take().filter(|pending| keep(pending.awaits));
        self.pending = pending.and_then(|pending| {
            let words = pending.words.checked_sub(words)?;
            Some(Pending { words, ..pending })
        });
    }

    /// A Chinese, Japanese or Korean sign. Returns a time that it makes a wait.
    pub(super) fn sign(&mut self, sign: Sign) -> Option<Time> {
        match sign {
            Sign::End => *self = Self::default(),
            Sign::Comma => self.ask = None,
            Sign::Past => {
                self.ask = None;
                self.pending = None;
            }
            Sign::Ask | Sign::Patience | Sign::Please => {
                let ripe = |pending: &Pending| match pending.awaits {
                    Awaits::Patience => sign == Sign::Patience,
                    _ => sign != Sign::Please,
                };
                if self.pending.as_ref().is_some_and(ripe) {
                    return Some(self.pending.take()?.time);
                }
                self.ask = Some(Ask {
                    stem: Stem::Retry,
                    lead: None,
                    unit: None,
                    negated: false,
                    fillers: FILLERS,
                });
            }
            Sign::Filler => {
                self.fill();
                self.pend_on(1, |_| true);
            }
            Sign::Other => {
                self.ask = None;
                self.pend_on(1, |_| true);
            }
        }
        None
    }
}

/// May stand between what belongs together.
const fn fills(kind: Word) -> bool {
    matches!(
        kind,
        Word::Filler | Word::Polite | Word::Limit | Word::Lead(_) | Word::Unit(_) | Word::Negation
    )
}

/// What follows a time says that it has passed: "30 s ago", `30 秒前`, `30 秒后超时`.
fn is_over(after: &str) -> bool {
    let after = after.trim_start();
    let word = |word: &&str| {
        let rest = after.strip_prefix(*word);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    [
        "ago", "earlier", "old", "passed", "elapsed", "exceeded", "expired",
    ]
    .iter()
    .any(word)
        || signs::over(after)
}
