//! Lines of a log, by our fields and by the usual ones.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{Level, Subscriber, subscriber::with_default};
use tracing_subscriber::fmt::{self as lines, MakeWriter, format::DefaultFields};

use super::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn told(subscriber: impl Subscriber + Send + Sync) {
    with_default(subscriber, || {
        let error = io::Error::other("it \"broke\"\n");
        let error: &(dyn Error + 'static) = &error;
        let late = tracing::field::Empty;
        let span = tracing::info_span!("a", text = "b c", quoted = "d\"", late, nothing = "");
        span.record("late", "später");
        let _inside = span.enter();
        tracing::event!(
            Level::WARN,
            r#type = "t",
            n = 5,
            x = 0.5,
            error,
            "said: {}",
            'é'
        );
        tracing::info!(message = "plain", yes = true, why = ?Some("z"), path = "C:\\");
    });
}

#[test]
fn lines_read_as_usual() {
    let [ours, usual] = [Lines::default(), Lines::default()];
    // Without colours, which another member of the workspace may turn on.
    let lines = |to: &Lines| {
        let lines = lines::fmt().with_writer(to.clone());
        lines.without_time().with_ansi(false)
    };
    told(lines(&ours).fmt_fields(Fields).finish());
    told(lines(&usual).fmt_fields(DefaultFields::new()).finish());
    let text = |lines: Lines| {
        let all = lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(all.clone()).expect("text")
    };
    let ours = text(ours);
    assert_eq!(ours, text(usual));
    assert!(ours.contains(r#"a{text="b c" quoted="d\"" nothing="" late="später"}"#));
}
