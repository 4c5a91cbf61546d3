//! What answers say about limits.

use std::fmt::{self, Display};

use tollgate_test::{Dialect, Headers as Class};

use crate::zoo::dice::Dice;

/// What answers say, and how it departs from the dialect.
#[derive(Debug, Clone, Copy)]
pub(in crate::zoo) struct Headers {
    pub(in crate::zoo) dialect: Dialect,
    pub(in crate::zoo) class: Class,
    pub(in crate::zoo) oddity: Oddity,
}

/// What is unusual about the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::zoo) enum Oddity {
    None,
    /// Quota headers come with the first so many answers, and then no more.
    Stop(u64),
    /// Quota headers come with rejections only.
    RejectionsOnly,
    Lie(Lie),
}

/// What headers lie about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::zoo) enum Lie {
    /// They name ten times the limit, and the remainder that goes with it.
    LimitAndRest,
    /// They name ten times the limit beside the true remainder.
    Limit,
    /// `Retry-After` is always one second.
    OneSecond,
}

impl Headers {
    pub(super) fn draw(dice: &Dice) -> Self {
        let (dialect, class) = dice.pick(&[
            (Dialect::OpenAi, Class::Dialect),
            (Dialect::Anthropic, Class::Dialect),
            (Dialect::Groq, Class::Dialect),
            (Dialect::Plain, Class::RetryAfter),
            (Dialect::Plain, Class::Silent),
        ]);
        let lie = dice.pick(&[Lie::LimitAndRest, Lie::Limit, Lie::OneSecond]);
        let stop = dice.scale(1.0, 30.0) as u64;
        let quiet = class == Class::RetryAfter || class == Class::Silent;
        let oddity = match dice.between(0.0, 1.0) {
            part if part < 0.10 && !quiet => Oddity::Stop(stop),
            part if part < 0.18 && !quiet => Oddity::RejectionsOnly,
            part if part > 0.92 && class == Class::RetryAfter => Oddity::Lie(Lie::OneSecond),
            part if part > 0.92 && !quiet => Oddity::Lie(lie),
            _ => Oddity::None,
        };
        Self {
            dialect,
            class,
            oddity,
        }
    }
}

impl Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            Class::RetryAfter => f.write_str("only Retry-After")?,
            Class::Silent => f.write_str("answers say nothing")?,
            _ => write!(f, "{} headers", self.dialect)?,
        }
        match self.oddity {
            Oddity::None => Ok(()),
            Oddity::Stop(after) => write!(f, " that stop after {after} answers"),
            Oddity::RejectionsOnly => f.write_str(" on 429s only"),
            Oddity::Lie(Lie::LimitAndRest) => {
                f.write_str(" that name ten times the limit and the rest")
            }
            Oddity::Lie(Lie::Limit) => f.write_str(" that name ten times the limit"),
            Oddity::Lie(Lie::OneSecond) => f.write_str(", Retry-After is always 1"),
        }
    }
}
