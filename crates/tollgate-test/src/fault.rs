//! What a scripted provider does wrong, and when.

use std::{
    fmt,
    ops::{Range, RangeInclusive},
    sync::Arc,
    time::Duration,
};

use http::StatusCode;
use tollgate_core::Random;

use crate::{Answer, Asked};

/// One thing a provider does wrong, and the calls it does it to: all of them, unless narrowed.
///
/// Faults that answer in place of the provider (`status`, `answer`, `giant`, `first_event`, `hang`,
/// `reset_before_headers`) use up no quota. The others (`error_event`, `delay`, `reset_after_headers`,
/// `cut`, `stall`, `drip`) spoil the answer the provider gives anyway.
///
/// On a [`Server`](crate::Server) a reset is a real one: TCP RST over HTTP/1.1, a reset stream over
/// HTTP/2, where the connection carries other calls. As a service it is an
/// [`io::Error`](std::io::Error) of kind `ConnectionReset`, from the call or from the body.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_test::{Dialect, Fault, Provider};
///
/// let provider = Provider::builder(Dialect::Anthropic)
///     .fault(Fault::hang().during(Duration::from_secs(60)..Duration::from_secs(120)))
///     .fault(Fault::status(529).chance(0.05))
///     .fault(Fault::cut(100).call(3))
///     .seed(7)
///     .build();
/// # let _ = provider;
/// ```
#[derive(Clone)]
pub struct Fault {
    pub(crate) act: Act,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Serve,
    Status(StatusCode),
    Answer(Answer),
    Giant(usize),
    FirstEvent,
    ErrorEvent(usize),
    Hang,
    ResetBefore,
    Delay(Duration),
    ResetAfter,
    Cut(usize),
    Stall(usize),
    Drip(usize, Duration),
}

#[derive(Clone)]
enum Condition {
    Calls(RangeInclusive<u64>),
    Every(u64),
    During(Range<Duration>),
    Model(Box<str>),
    Streams,
    When(Arc<dyn Fn(&Asked) -> bool + Send + Sync>),
    Chance(f64),
}

impl Fault {
    const fn new(act: Act) -> Self {
        Self {
            act,
            conditions: Vec::new(),
        }
    }

    /// Nothing wrong: the call is served. Keeps later faults away from the calls it is for.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(Act::Serve)
    }

    /// Answers with this status, in the provider's words for it: see
    /// [`Dialect::with_status`](crate::Dialect::with_status).
    ///
    /// # Panics
    ///
    /// If it is not a status: below 100 or above 999.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status has three digits");
        Self::new(Act::Status(status))
    }

    /// Answers this.
    #[must_use]
    pub const fn answer(answer: Answer) -> Self {
        Self::new(Act::Answer(answer))
    }

    /// Answers 500 with a body of this many bytes.
    #[must_use]
    pub const fn giant(bytes: usize) -> Self {
        Self::new(Act::Giant(bytes))
    }

    /// Answers 200 with a stream whose first event is an error: the provider is overloaded.
    #[must_use]
    pub const fn first_event() -> Self {
        Self::new(Act::FirstEvent)
    }

    /// Begins a stream well, and sends an error event after this many pieces of it: the provider is
    /// overloaded. Nothing comes behind the error. Answers that are no stream stay as they are.
    #[must_use]
    pub const fn error_event(after: usize) -> Self {
        Self::new(Act::ErrorEvent(after))
    }

    /// Never answers.
    #[must_use]
    pub const fn hang() -> Self {
        Self::new(Act::Hang)
    }

    /// Resets the connection in place of an answer.
    #[must_use]
    pub const fn reset_before_headers() -> Self {
        Self::new(Act::ResetBefore)
    }

    /// Answers later than otherwise, by this time.
    #[must_use]
    pub const fn delay(time: Duration) -> Self {
        Self::new(Act::Delay(time))
    }

    /// Sends the head of the answer, then resets the connection.
    #[must_use]
    pub const fn reset_after_headers() -> Self {
        Self::new(Act::ResetAfter)
    }

    /// Ends the connection in good order, but after this many bytes of the body; all of them if it
    /// has fewer.
    #[must_use]
    pub const fn cut(after: usize) -> Self {
        Self::new(Act::Cut(after))
    }

    /// Stops sending after this many bytes of the body, and never goes on.
    #[must_use]
    pub const fn stall(after: usize) -> Self {
        Self::new(Act::Stall(after))
    }

    /// Sends the body in pieces of this many bytes (at least 1), each after a pause.
    #[must_use]
    pub const fn drip(bytes: usize, pause: Duration) -> Self {
        Self::new(Act::Drip(bytes, pause))
    }

    fn only(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only the call of this number; the first is 1.
    #[must_use]
    pub fn call(self, number: u64) -> Self {
        self.calls(number..=number)
    }

    /// Only the calls of these numbers; the first is 1.
    #[must_use]
    pub fn calls(self, numbers: RangeInclusive<u64>) -> Self {
        self.only(Condition::Calls(numbers))
    }

    /// Only the first so many calls.
    #[must_use]
    pub fn first(self, calls: u64) -> Self {
        self.calls(1..=calls)
    }

    /// Only each so manieth call: 3 means the third, the sixth. 0 means none.
    #[must_use]
    pub fn every(self, calls: u64) -> Self {
        self.only(Condition::Every(calls))
    }

    /// Only calls that arrive in this span, counted from the first call.
    #[must_use]
    pub fn during(self, span: Range<Duration>) -> Self {
        self.only(Condition::During(span))
    }

    /// Only calls of this model.
    #[must_use]
    pub fn model(self, model: impl Into<Box<str>>) -> Self {
        self.only(Condition::Model(model.into()))
    }

    /// Only calls that ask for a stream.
    #[must_use]
    pub fn streams(self) -> Self {
        self.only(Condition::Streams)
    }

    /// Only calls for which this holds. It runs under the provider's lock: it must not call the
    /// provider.
    #[must_use]
    pub fn when(self, holds: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> Self {
        self.only(Condition::When(Arc::new(holds)))
    }

    /// Only this part of the calls, drawn by the provider's seed: 0 is none, 1 is all.
    ///
    /// # Panics
    ///
    /// If it is not from 0 to 1.
    #[must_use]
    pub fn chance(self, part: f64) -> Self {
        assert!((0.0..=1.0).contains(&part), "a chance is from 0 to 1");
        self.only(Condition::Chance(part))
    }

    /// It has no condition on the number of the call.
    fn is_unnumbered(&self) -> bool {
        let numbered = |it: &Condition| matches!(it, Condition::Calls(_) | Condition::Every(_));
        !self.conditions.iter().any(numbered)
    }

    fn strikes(&self, number: u64, asked: &Asked, age: Duration, random: &Random) -> bool {
        let holds = |it: &Condition| match it {
            Condition::Calls(numbers) => numbers.contains(&number),
            Condition::Every(n) => number.checked_rem(*n) == Some(0),
            Condition::During(span) => span.contains(&age),
            Condition::Model(model) => **model == *asked.model(),
            Condition::Streams => asked.is_stream(),
            Condition::When(holds) => holds(asked),
            Condition::Chance(_) => true,
        };
        // The draw comes last, so that only calls that are in question use one up.
        let drawn = |it: &Condition| match it {
            Condition::Chance(part) => random.unit() < *part,
            _ => true,
        };
        self.conditions.iter().all(holds) && self.conditions.iter().all(drawn)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("act", &self.act)
            .field("conditions", &self.conditions.len())
            .finish()
    }
}

/// The faults of a provider: the first that strikes a call is the one it gets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Vec<Fault>);

impl Script {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Adds faults of which those without a number strike one call each, in turn.
    pub(crate) fn sequence(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for (number, fault) in (1..).zip(faults) {
            let fault = if fault.is_unnumbered() {
                fault.call(number)
            } else {
                fault
            };
            self.push(fault);
        }
    }

    pub(crate) fn pick(
        &self,
        number: u64,
        asked: &Asked,
        age: Duration,
        random: &Random,
    ) -> Option<&Act> {
        let strikes = |fault: &&Fault| fault.strikes(number, asked, age, random);
        self.0.iter().find(strikes).map(|fault| &fault.act)
    }
}
