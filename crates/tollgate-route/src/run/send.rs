//! Writes the request for a target, and sees it off.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use tokio::time::Instant;
use tollgate_core::{BoxError, Observe, Replay};

use super::{Pick, Run};
use crate::{
    Event,
    rewrite::{BadBody, BadRequest, Body, Why, rewrite},
};

const IDEMPOTENCY: &str = "idempotency-key";

impl<B, O> Run<B, O>
where
    B: Replay + From<Bytes>,
    O: Observe<Event>,
{
    /// The request for this target. A copy is kept if there may be another one.
    pub(crate) fn send(&mut self, pick: Pick) -> Result<Request<B>, BoxError> {
        let request = self.take(pick.later);
        let setup = &*self.setup;
        let site = &setup.table.sites[pick.site];
        let (mut head, body) = request.into_parts();
        let known = Body {
            body: &body,
            bytes: self.bytes.as_ref(),
            model: &self.model,
        };
        let edit = match rewrite(site, &mut head, &known, &setup.settings.keep) {
            Ok(edit) => edit,
            Err(error) => return Err(self.refuse(error.into())),
        };
        let Some(body) = edit.apply(body) else {
            let why = Why::Body(BadBody::NotKept);
            let error = BadRequest::new(site.target.clone(), why);
            return Err(self.refuse(error.into()));
        };
        self.tell_apart(&mut head.headers, pick.site);
        let now = Instant::now();
        let call = self.call.clone();
        let call = call
            .with_target(site.target.clone())
            .with_wait_budget(self.wait_budget(pick, now))
            .with_attempt_deadline(self.share(pick, now));
        head.extensions.insert(call);
        self.depart(pick.site);
        Ok(Request::from_parts(head, body))
    }

    /// The original, or a copy of it if it is to be kept.
    fn take(&mut self, keep: bool) -> Request<B> {
        let original = self
            .original
            .take()
            .expect("a target is chosen only while it is there");
        if !keep {
            return original;
        }
        let Some(body) = original.body().try_clone() else {
            return original;
        };
        let mut copy = Request::new(body);
        *copy.method_mut() = original.method().clone();
        *copy.uri_mut() = original.uri().clone();
        *copy.version_mut() = original.version();
        *copy.headers_mut() = original.headers().clone();
        if !original.extensions().is_empty() {
            *copy.extensions_mut() = original.extensions().clone();
        }
        self.original = Some(original);
        copy
    }

    /// A provider that was asked before, for another target, knows the idempotency key with another
    /// body: it would refuse the call, or repeat its old answer.
    fn tell_apart(&self, headers: &mut HeaderMap, site: usize) {
        let keys = &self.setup.keys;
        let before = self.tried.before(site);
        let asked = before.filter(|other| keys[*other].provider == keys[site].provider);
        let nth = asked.count();
        if nth == 0 {
            return;
        }
        if let Some(key) = headers.get_mut(IDEMPOTENCY) {
            let own = [key.as_bytes(), format!("-{nth}").as_bytes()].concat();
            if let Ok(own) = HeaderValue::from_bytes(&own) {
                *key = own;
            }
        }
    }

    fn depart(&mut self, site: usize) {
        let setup = &*self.setup;
        self.barred.provider = None;
        if std::mem::take(&mut self.again.repeats) {
            self.again.made += 1;
            return;
        }
        self.tried.push(site);
        self.again.made = 1;
        let asked = |one: &&crate::Attempt| one.took().is_some();
        if let Some(after) = self.attempts.iter().rev().find(asked) {
            let event = Event::Switching {
                after: after.clone(),
                to: setup.table.sites[site].target.clone(),
            };
            self.shared.observer.observe(&event);
        }
    }
}
