//! What a provider says to a call, in its dialect.

use std::time::SystemTime;

use tokio::time::Instant;
use tollgate_core::{Cost, Usage, Window};

use super::config::{Config, round_up};
use crate::{
    Answer, Asked, Limited, Success,
    quota::{Level, Meters, Refusal, Wait},
    wire::Wire,
};

impl Config {
    pub(super) fn success(&self, asked: &Asked, number: u64, wall: SystemTime) -> Success {
        let since = wall.duration_since(SystemTime::UNIX_EPOCH);
        let mut success = Success::new(asked.model())
            .with_text(&*self.text)
            .with_number(number)
            .with_created(since.unwrap_or_default().as_secs());
        success.inputs = asked.inputs();
        let words = success.usage.output();
        let usage = self.usage.as_ref().map_or_else(
            || Usage::new(asked.prompt_tokens(), words),
            |usage| usage(asked),
        );
        success.with_usage(usage)
    }

    /// What a call is charged when it arrives, and what it costs in the end.
    pub(super) fn costs(&self, asked: &Asked, usage: Usage) -> (Cost, Cost) {
        let free = if self.free_cache { usage.cached() } else { 0 };
        let charged = usage.input().saturating_sub(free);
        let input = Cost::default().with_input_tokens(charged);
        let most = asked.max_tokens().filter(|_| self.reserve).unwrap_or(0);
        let actual = input.with_output_tokens(usage.output());
        (input.with_output_tokens(most), actual)
    }

    pub(super) fn answer(&self, asked: &Asked, success: &Success) -> Answer {
        let wire = Wire::of(asked.path(), self.dialect.voice().wire);
        if asked.is_stream() {
            self.dialect.stream_as(wire, success, asked.asks_usage())
        } else {
            self.dialect.success_as(wire, success)
        }
    }

    pub(super) fn refuse(
        &self,
        model: &str,
        why: &Refusal,
        levels: Vec<Level>,
        wall: SystemTime,
    ) -> Answer {
        let level = why.level;
        let wait = match why.wait {
            Wait::For(wait) => self.headers.wait(wait),
            Wait::Now | Wait::Unknown | Wait::Never => None,
        };
        let mut limited = Limited::new(level.kind)
            .window(level.window.unwrap_or(Window::Minute))
            .of(level.limit, level.used, why.requested)
            .retry_after(wait)
            .model(model)
            .levels(levels)
            .at(wall);
        if why.wait == Wait::Never {
            limited = limited.too_large();
        }
        self.dialect
            .limited_told(&limited, self.headers.told(self.dialect))
    }

    /// The levels that headers show, as exact as they show them.
    pub(super) fn levels(&self, meters: &mut Meters, model: &str, now: Instant) -> Vec<Level> {
        let Some(step) = self.headers.step(self.dialect) else {
            return Vec::new();
        };
        let mut levels = meters.levels(model, now);
        for level in &mut levels {
            level.reset = round_up(level.reset, step);
        }
        levels
    }

    pub(super) fn edited(&self, asked: &Asked, answer: Answer) -> Answer {
        match &self.edit {
            Some(edit) => edit(asked, answer),
            None => answer,
        }
    }
}
