//! Finds the wait a text states: "try again in 22m46.848s", "After 30 seconds, please retry.",
//! "resets at 15:04 UTC", "30 秒后重试".
//!
//! A time is a wait only beside words that ask to come back, within one sentence. The reader goes
//! through the text once, word by word. It looks a bounded way ahead, so its work is linear in the
//! length of the text.

mod lexicon;
mod sentence;
mod signs;

use std::time::{Duration, SystemTime};

use tollgate_core::retry_after;

use super::{
    clock, moment,
    number::{Decimals, Digits},
    span,
};
use lexicon::Word;
use sentence::{Lead, Sentence, Time};

/// The longest span the text asks to wait, else the latest moment it names.
///
/// `text` is in lower case; each line is a message.
pub(crate) fn wait(text: &str, now: Option<SystemTime>) -> Option<Duration> {
    let mut reader = Reader {
        text,
        at: 0,
        now,
        sentence: Sentence::default(),
        last: Word::Other,
        span: None,
        moment: None,
    };
    while reader.at < text.len() {
        reader.step();
    }
    reader.span.or(reader.moment)
}

/// So many bytes ahead the reader looks: the longest span or moment is shorter.
const AHEAD: usize = 96;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    now: Option<SystemTime>,
    sentence: Sentence,
    /// The word before, where only signs that say nothing stand between.
    last: Word,
    span: Option<Duration>,
    moment: Option<Duration>,
}

impl<'a> Reader<'a> {
    fn step(&mut self) {
        let Some(c) = self.text[self.at..].chars().next() else {
            return;
        };
        match c {
            ' ' | '_' => self.at += 1,
            '0'..='9' => self.number(),
            c if is_letter(c) => self.word(),
            '\u{2e80}'.. => self.sign(c),
            _ => self.mark(c),
        }
    }

    /// At most `AHEAD` bytes from here on.
    fn ahead(&self) -> &'a str {
        let rest = &self.text[self.at..];
        let mut end = rest.len().min(AHEAD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        &rest[..end]
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let ahead = self.ahead();
        if let Some((span, width)) = lexicon::worded(word, ahead) {
            return self.time(Time::Span(span), width);
        }
        let kind = lexicon::kind(word);
        // "on October 2, 2026 at 13:00 UTC" has no digit in front.
        if kind == Word::Other && self.sentence.asks() {
            if let Some(found) = moment::leading(ahead, self.now) {
                return self.time(Time::Moment(found.wait), found.width);
            }
        }
        let before = std::mem::replace(&mut self.last, kind);
        self.at += end;
        if let Some(time) = self.sentence.word(word, kind, before) {
            self.keep(time);
        }
    }

    fn number(&mut self) {
        let ahead = self.ahead();
        if let Some((time, width)) = self.time_ahead(ahead) {
            return self.time(time, width);
        }
        let bare = self.bare(ahead);
        let digits = || ahead.bytes().take_while(u8::is_ascii_digit).count();
        let width = Digits::read(ahead).map_or_else(digits, |digits| {
            // "30 400 x": the second number may be a time.
            digits.before_space().unwrap_or(digits).width()
        });
        self.at += width;
        self.last = Word::Other;
        self.sentence.number();
        if let Some(time) = bare {
            self.keep(time);
        }
    }

    /// A time ends at `width`.
    fn time(&mut self, time: Time, width: usize) {
        self.at += width;
        self.last = Word::Other;
        // "in 5 min. erneut versuchen": the point ends no sentence.
        let short = ["min", "sec", "sek", "seg", "std", "hr", "hrs"];
        let before = &self.text[..self.at];
        if self.ahead().starts_with(". ") && short.iter().any(|unit| before.ends_with(unit)) {
            self.at += 1;
        }
        if let Some(time) = self.sentence.time(time, self.ahead()) {
            self.keep(time);
        }
    }

    /// The span or moment that starts with the digit here, and its width.
    fn time_ahead(&self, ahead: &str) -> Option<(Time, usize)> {
        if let Some(found) = moment::leading(ahead, self.now) {
            let span = self.colons(ahead);
            let time = span.map_or(Time::Moment(found.wait), Time::Span);
            return Some((time, found.width));
        }
        let (span, width) = span::stated(ahead)?;
        Some((Time::Span(span), width))
    }

    /// `00:00:42` as a span. "After 15:04:05" may well mean the time of day, "in 15:04:05" may not.
    fn colons(&self, ahead: &str) -> Option<Duration> {
        let clock = clock::read(ahead)?;
        let span = span::colons(&ahead[..clock.digits])?;
        let lead = self.sentence.lead();
        let alone = clock.width == clock.digits && lead != Some(Lead::At);
        let spans = clock.hour == 0 || matches!(lead, Some(Lead::In | Lead::For));
        (alone && spans).then_some(span)
    }

    /// A bare number behind "retry after" or "wait": seconds, or since 1970. It stands where the
    /// clause ends, so that nothing else is counted: not "retry 3 times".
    fn bare(&self, ahead: &str) -> Option<Time> {
        if !self.sentence.asks() {
            return None;
        }
        let digits = Digits::read(ahead)?;
        let digits = digits.before_space().unwrap_or(digits);
        let (text, after) = ahead.split_at(digits.width());
        let epoch = retry_after::seconds(text).filter(|time| time.as_secs() >= 1_000_000_000);
        if let Some(epoch) = epoch {
            return Some(Time::Moment(moment::until_epoch(epoch, self.now?)));
        }
        let after = after.trim_start_matches(['"', '\'', '`', ')', '}']);
        let ends = |c| matches!(c, ',' | ';' | '}' | ']' | '.' | '|' | '\n');
        let ends = after.chars().next().is_none_or(ends);
        let nanos = digits
            .number(Decimals::Point)?
            .of(self.sentence.bare_unit()?)?;
        let ms = u64::try_from(nanos.div_ceil(1_000_000)).ok()?;
        ends.then(|| Time::Span(Duration::from_millis(ms)))
    }

    /// A Chinese, Japanese or Korean sign.
    fn sign(&mut self, c: char) {
        let ahead = self.ahead();
        if let Some((span, width)) = signs::span(ahead) {
            return self.time(Time::Span(span), width);
        }
        let (sign, width) = signs::read(ahead).unwrap_or((signs::Sign::Other, c.len_utf8()));
        self.at += width;
        self.last = Word::Other;
        if let Some(time) = self.sentence.sign(sign) {
            self.keep(time);
        }
    }

    /// Punctuation.
    fn mark(&mut self, c: char) {
        let next = self.text[self.at + c.len_utf8()..].chars().next();
        let spaced = next.is_none_or(char::is_whitespace);
        match c {
            '\n' | '!' | '?' | ';' | '…' => self.sentence = Sentence::default(),
            '.' if spaced => self.sentence = Sentence::default(),
            ',' | '}' => self.sentence.end_clause(),
            '-' | '–' | '—' if spaced => self.sentence.end_clause(),
            // "retry after -5": less than nothing.
            '-' if self.ends_with(|c| matches!(c, ' ' | ':' | '=')) => self.sentence.number(),
            '"' | '\'' | '`'
                if self.last == Word::Echo && !self.ends_with(char::is_alphanumeric) =>
            {
                return self.skip_quote(c);
            }
            ':' | '"' | '`' | ']' => self.sentence.start_clause(),
            _ => {}
        }
        if !matches!(c, ':' | '=' | '"' | '\'' | '`') {
            self.last = Word::Other;
        }
        self.at += c.len_utf8();
    }

    fn ends_with(&self, what: impl FnMut(char) -> bool) -> bool {
        self.text[..self.at].ends_with(what)
    }

    /// What a user wrote is quoted: "your prompt '...'", "but got '...'". Where the quote has no end,
    /// it goes on to the end of the message.
    fn skip_quote(&mut self, quote: char) {
        let start = self.at + quote.len_utf8();
        let rest = &self.text[start..];
        let ends = |at: usize, sign: &str| match sign {
            "\n" => true,
            // The apostrophe of "it's" ends nothing.
            _ => !rest[at + 1..].starts_with(char::is_alphanumeric),
        };
        let mut signs = rest.match_indices([quote, '\n']);
        let end = signs.find(|(at, sign)| ends(*at, sign));
        self.at = start + end.map_or(rest.len(), |(at, _)| at);
        // The sign that ends it is read no more, but the end of the message is.
        if end.is_some_and(|(_, sign)| sign != "\n") {
            self.at += quote.len_utf8();
        }
        self.last = Word::Other;
    }

    fn keep(&mut self, time: Time) {
        match time {
            Time::Span(wait) => self.span = self.span.max(Some(wait)),
            Time::Moment(wait) => self.moment = self.moment.max(wait),
        }
    }
}

/// A letter of a script that puts spaces between words.
fn is_letter(c: char) -> bool {
    c < '\u{2e80}' && c.is_alphabetic()
}

#[cfg(test)]
mod tests;
