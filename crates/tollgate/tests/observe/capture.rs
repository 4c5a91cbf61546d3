//! A subscriber that keeps what it is told.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};
use tracing_subscriber::{Layer, layer::Context, prelude::*, registry::LookupSpan};

type Fields = BTreeMap<String, String>;

/// One event, and the spans it was told in, the outermost first.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) fields: Fields,
    pub(crate) inside: Vec<&'static str>,
}

/// One span that was closed.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    pub(crate) name: &'static str,
    pub(crate) parent: Option<&'static str>,
    pub(crate) fields: Fields,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Told>,
    spans: Vec<Closed>,
}

/// Everything that tollgate told on this thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<Kept>>);

impl Capture {
    /// Begins, until the guard is dropped.
    pub(crate) fn begin() -> (Self, DefaultGuard) {
        let capture = Self::default();
        let subscriber = tracing_subscriber::registry().with(capture.clone());
        (capture, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn events(&self) -> Vec<Told> {
        self.0.lock().expect("no test panics inside").events.clone()
    }

    pub(crate) fn spans(&self) -> Vec<Closed> {
        self.0.lock().expect("no test panics inside").spans.clone()
    }

    /// `attempt> admitted`: the innermost span and the name of each event.
    pub(crate) fn story(&self) -> Vec<String> {
        let line = |told: &Told| {
            let inside = told.inside.last().unwrap_or(&"nothing");
            format!("{inside}> {}", told.fields["event"])
        };
        self.events().iter().map(line).collect()
    }
}

struct Write<'a>(&'a mut Fields);

impl Visit for Write<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("tollgate")
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        let span = ctx.span(id).expect("it was just made");
        let mut fields = Fields::new();
        attributes.record(&mut Write(&mut fields));
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        let span = ctx.span(id).expect("it is open");
        let mut extensions = span.extensions_mut();
        if let Some(fields) = extensions.get_mut::<Fields>() {
            values.record(&mut Write(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if !is_ours(event.metadata()) {
            return;
        }
        let mut fields = Fields::new();
        event.record(&mut Write(&mut fields));
        let scope = ctx.event_scope(event);
        let inside = scope.map(|scope| scope.from_root().map(|span| span.name()).collect());
        let told = Told {
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            fields,
            inside: inside.unwrap_or_default(),
        };
        let mut kept = self.0.lock().expect("no test panics inside");
        kept.events.push(told);
    }

    fn on_close(&self, id: span::Id, ctx: Context<'_, S>) {
        let span = ctx.span(&id).expect("it is being closed");
        if !is_ours(span.metadata()) {
            return;
        }
        let fields = span.extensions_mut().remove::<Fields>();
        let closed = Closed {
            name: span.name(),
            parent: span.parent().map(|parent| parent.name()),
            fields: fields.unwrap_or_default(),
        };
        let mut kept = self.0.lock().expect("no test panics inside");
        kept.spans.push(closed);
    }
}
