//! The events of the limiter while a world is played.

mod line;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tollgate::Event;
use tollgate_core::Observe;

pub(super) use self::line::Line;

/// All events, repeats put together.
#[derive(Debug)]
pub(super) struct Story {
    start: Instant,
    pub(super) lines: Vec<Line>,
}

/// Receives the events of a stack, while it listens; by default it does not.
#[derive(Debug, Clone, Default)]
pub(super) struct Listener(Option<Arc<Mutex<Option<Story>>>>);

/// An event joins one of so many lines before it that looks like it, and is not older than this.
const NEAR: (usize, Duration) = (6, Duration::from_secs(1));

impl Listener {
    pub(super) fn listening() -> Self {
        Self(Some(Arc::default()))
    }

    /// The world begins now.
    pub(super) fn start(&self) {
        if let Some(heard) = &self.0 {
            let story = Story {
                start: Instant::now(),
                lines: Vec::new(),
            };
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(story);
        }
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let heard = self.0.as_ref();
        heard.map_or(Vec::new(), |heard| {
            let story = heard.lock().unwrap_or_else(PoisonError::into_inner).take();
            story.map_or(Vec::new(), |story| story.lines)
        })
    }
}

impl Observe<Event<'_>> for Listener {
    fn observe(&self, event: &Event<'_>) {
        if let (Some(heard), Event::Limit(event)) = (&self.0, event) {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(story) = heard.as_mut() {
                story.add(event.to_string());
            }
        }
    }
}

impl Story {
    fn add(&mut self, text: String) {
        let now = self.start.elapsed();
        let alike =
            |line: &&mut Line| line.to + NEAR.1 >= now && words(&line.text).eq(words(&text));
        let found = self.lines.iter_mut().rev().take(NEAR.0).find(alike);
        match found {
            Some(line) => (line.to, line.times) = (now, line.times + 1),
            None => self.lines.push(Line {
                from: now,
                to: now,
                times: 1,
                text,
            }),
        }
    }
}

/// A text without its numbers.
fn words(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !c.is_ascii_digit() && *c != '.')
}
