//! The body of `StoredResponses`.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tollgate_core::Target;

use super::made::Made;

/// How far the identifier is looked for: it is the first field of a response, and of the response in
/// the first event of a stream.
const NEAR: usize = 4_096;

pin_project! {
    /// A response body whose identifier is read as it passes.
    ///
    /// Frames, trailers, the size hint and errors of the inner body pass. It copies 4 KiB at most.
    pub struct StoredBody<R> {
        #[pin]
        inner: R,
        // In a box, because few answers have one. None once the identifier was found, or was not.
        look: Option<Box<Look>>,
    }
}

struct Look {
    made: Arc<Made>,
    target: Target,
    read: Vec<u8>,
}

impl Look {
    /// Reads on; whether that was all.
    fn feed(&mut self, data: &[u8]) -> bool {
        let room = NEAR - self.read.len();
        self.read.extend_from_slice(&data[..data.len().min(room)]);
        match identifier(&self.read) {
            Some(id) => {
                self.made.add(id, self.target.clone());
                true
            }
            None => self.read.len() >= NEAR,
        }
    }
}

impl<R> StoredBody<R> {
    pub(super) fn new(inner: R, made: Option<(Arc<Made>, Target)>) -> Self {
        let look = |(made, target)| {
            Box::new(Look {
                made,
                target,
                read: Vec::new(),
            })
        };
        Self {
            inner,
            look: made.map(look),
        }
    }
}

/// The first value of a field `id`.
fn identifier(read: &[u8]) -> Option<&str> {
    let key = b"\"id\"";
    let at = read.windows(key.len()).position(|four| four == key)? + key.len();
    let value = read[at..].trim_ascii_start().strip_prefix(b":")?;
    let value = value.trim_ascii_start().strip_prefix(b"\"")?;
    let end = value.iter().position(|b| *b == b'"')?;
    let id = std::str::from_utf8(&value[..end]).ok()?;
    // Identifiers are plain words: something else is none.
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.:".contains(&b);
    (!id.is_empty() && id.bytes().all(plain)).then_some(id)
}

impl<R: Body<Data = Bytes>> Body for StoredBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        if let (Some(look), Some(Ok(frame))) = (this.look.as_mut(), &frame) {
            if frame.data_ref().is_some_and(|data| look.feed(data)) {
                *this.look = None;
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<R> fmt::Debug for StoredBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredBody")
            .field("looks", &self.look.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifier_is_the_first_field_of_that_name() {
        for (text, id) in [
            (
                r#"{"id":"resp_1","output":[{"id":"msg_1"}]}"#,
                Some("resp_1"),
            ),
            ("{\n  \"id\" : \"resp_1\"", Some("resp_1")),
            (
                "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"",
                Some("resp_1"),
            ),
            (r#"{"id":"resp_"#, None),
            (r#"{"id":7,"#, None),
            (r#"{"id":"a b"}"#, None),
            (r#"{"output":[]}"#, None),
        ] {
            assert_eq!(identifier(text.as_bytes()), id, "{text}");
        }
    }

    #[test]
    fn it_is_found_in_any_pieces_and_not_far_away() {
        let made = Arc::new(Made::new(9));
        let look = || Look {
            made: made.clone(),
            target: Target::new("openai", "m"),
            read: Vec::new(),
        };
        let text = br#"{"id":"resp_1","object":"response"}"#;
        let mut one = look();
        let found = text.iter().position(|byte| one.feed(&[*byte]));
        assert_eq!(found, Some(13));
        assert!(made.by("resp_1").is_some());
        let mut far = look();
        let blank = vec![b' '; NEAR - 4];
        assert!(!far.feed(&blank));
        assert!(far.feed(br#""id":"resp_2""#));
        assert_eq!(made.by("resp_2"), None);
    }
}
