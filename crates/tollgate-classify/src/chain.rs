//! Classifiers made of other classifiers.

use std::sync::Arc;

use tollgate_core::{Classification, Quota};

use crate::{Answer, Classifier};

/// The second is asked where the first has no opinion.
impl<A: Classifier, B: Classifier> Classifier for (A, B) {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        self.0.classify(answer).or_else(|| self.1.classify(answer))
    }

    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        self.0.quota(answer).or_else(|| self.1.quota(answer))
    }

    fn hides_errors(&self, origin: Option<&str>) -> bool {
        self.0.hides_errors(origin) || self.1.hides_errors(origin)
    }
}

impl<C: Classifier + ?Sized> Classifier for Arc<C> {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        (**self).classify(answer)
    }

    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        (**self).quota(answer)
    }

    fn hides_errors(&self, origin: Option<&str>) -> bool {
        (**self).hides_errors(origin)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use tollgate_core::{Class, LimitKind};

    use super::*;

    /// Has an opinion of one status only.
    #[derive(Debug)]
    struct Knows(u16, Class);

    impl Classifier for Knows {
        fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
            (answer.status() == self.0).then(|| Classification::new(self.1))
        }

        fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
            let mut quota = Quota::new();
            quota.entry(LimitKind::Requests, None)?.limit = Some(u64::from(self.0));
            (answer.status() == self.0).then_some(quota)
        }

        fn hides_errors(&self, origin: Option<&str>) -> bool {
            origin == Some("b") && self.0 == 500
        }
    }

    #[test]
    fn the_second_is_asked_where_the_first_is_silent() {
        let second: Arc<dyn Classifier> = Arc::new(Knows(500, Class::Timeout));
        let pair = (Knows(400, Class::Auth), (Knows(400, Class::Ok), second));
        let headers = HeaderMap::new();
        for (status, class) in [
            (400, Some(Class::Auth)),
            (500, Some(Class::Timeout)),
            (404, None),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            let answer = Answer::new(status, &headers);
            assert_eq!(pair.classify(&answer).map(|seen| seen.class()), class);
            assert_eq!(pair.quota(&answer).is_some(), class.is_some());
        }
        assert!(pair.hides_errors(Some("b")));
        assert!(!pair.hides_errors(Some("a")));
    }
}
