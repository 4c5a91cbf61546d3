//! The classifier is told who answered.

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::Empty;
use tollgate_classify::{Answer, Classifier, ClassifyLayer};
use tollgate_core::{Call, Classification, Quota, Target};
use tower::{Layer, ServiceExt};

/// Writes down whom it was asked about.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<Mutex<Vec<Option<String>>>>);

impl Asked {
    fn note(&self, origin: Option<&str>) {
        self.0
            .lock()
            .expect("nobody panicked")
            .push(origin.map(str::to_owned));
    }
}

impl Classifier for Asked {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        self.note(answer.origin());
        None
    }

    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        self.note(answer.origin());
        None
    }

    fn hides_errors(&self, origin: Option<&str>) -> bool {
        self.note(origin);
        false
    }
}

#[tokio::test]
async fn by_the_target_else_by_the_host() {
    let target = Target::new("groq", "m");
    let long = "h".repeat(200);
    let long_uri = format!("https://{long}/");
    for (uri, call, origin) in [
        ("https://api.x.ai:8443/v1", None, Some("api.x.ai")),
        ("https://API.X.ai/v1", None, Some("api.x.ai")),
        ("https://api.x.ai/v1", Some(target.clone()), Some("groq")),
        (&long_uri, None, Some(&*long)),
        ("/v1", None, None),
    ] {
        for status in [200, 429] {
            let asked = Asked::default();
            let layer = ClassifyLayer::builder().classifier(asked.clone()).build();
            let inner = tower::service_fn(move |_: Request<()>| async move {
                let head = Response::builder().status(status);
                let head = head.header("content-type", "application/json");
                head.body(Empty::<bytes::Bytes>::new())
            });
            let mut request = Request::builder().uri(uri).body(()).expect("a request");
            if let Some(target) = call.clone() {
                request
                    .extensions_mut()
                    .insert(Call::new().with_target(target));
            }
            let layer = layer.expect("good settings");
            layer.layer(inner).oneshot(request).await.expect("ok");
            let asked = asked.0.lock().unwrap();
            assert_eq!(asked.len(), 2);
            assert!(
                asked.iter().all(|asked| asked.as_deref() == origin),
                "{asked:?}"
            );
        }
    }
}
