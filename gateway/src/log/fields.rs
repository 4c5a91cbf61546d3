//! Fields of spans and events, written as `tracing-subscriber` writes them, but text without its machinery:
//! each call has two spans, whose fields are written whether or not a line shows them.

#[cfg(test)]
mod tests;

use std::{
    error::Error,
    fmt::{self, Debug},
};

use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::{RecordFields, VisitOutput},
    fmt::{
        FormatFields,
        format::{DefaultVisitor, Writer},
    },
};

/// The usual text of fields, sooner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Visitor {
            writer,
            is_empty: true,
            result: Ok(()),
        };
        fields.record(&mut visitor);
        visitor.result
    }
}

struct Visitor<'a> {
    writer: Writer<'a>,
    is_empty: bool,
    result: fmt::Result,
}

impl Visitor<'_> {
    /// What is rare, or not just text.
    fn usual(&mut self, record: impl FnOnce(&mut DefaultVisitor<'_>)) {
        if self.result.is_ok() {
            let mut usual = DefaultVisitor::new(self.writer.by_ref(), self.is_empty);
            record(&mut usual);
            self.result = usual.finish();
            self.is_empty = false;
        }
    }

    fn text(&mut self, name: &str, value: &str) -> fmt::Result {
        if !self.is_empty {
            self.writer.write_char(' ')?;
        }
        self.is_empty = false;
        self.writer.write_str(name)?;
        self.writer.write_str("=\"")?;
        self.writer.write_str(value)?;
        self.writer.write_char('"')
    }
}

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let name = field.name();
        let special = name == "message" || name.starts_with("r#") || self.writer.has_ansi_escapes();
        if special || !is_plain(value) {
            self.usual(|usual| usual.record_str(field, value));
        } else if self.result.is_ok() {
            self.result = self.text(name, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.usual(|usual| usual.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.usual(|usual| usual.record_debug(field, value));
    }
}

/// Between quotation marks it stands as it is.
fn is_plain(value: &str) -> bool {
    let plain = |b: u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
    value.bytes().all(plain)
}
