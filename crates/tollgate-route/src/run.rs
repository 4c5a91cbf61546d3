//! One call on its way through its targets.

mod after;
mod again;
mod end;
mod select;
mod send;

use std::{error::Error, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, header};
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, Cost, Nap, Rejected, Replay, model_of};

use crate::{
    Attempt, Preference,
    preference::Stay,
    rewrite::{BadBody, model::Found, uri::is_segment},
    state::{Setup, Shared, State},
    table::Lane,
    wire::Kind,
};

use again::Again;
pub(crate) use select::{Pick, Step};

/// What is known about a call between two polls of its future.
pub(crate) struct Run<B, O> {
    shared: Arc<Shared<O>>,
    /// As it was when the call began: places in it stay what they are.
    setup: Arc<Setup>,
    /// None once it was given away to the last target.
    original: Option<Request<B>>,
    bytes: Option<Bytes>,
    model: Result<Found, BadBody>,
    /// It says which model it is for, by one that may stand in a path.
    names: bool,
    /// The operation it asks for.
    kind: Kind,
    call: Call,
    // In a box, because few calls have one and every call is moved.
    preference: Option<Box<Preference>>,
    lane: usize,
    /// The place in the lane of the model that the call asks for: those before it are not for it.
    named: Option<usize>,
    tried: Tried,
    barred: Barred,
    attempts: Vec<Attempt>,
    flight: Option<Flight>,
    again: Again,
    slept: Duration,
    /// A target was asked although it is left alone by a guess.
    bold: bool,
    /// For whom a layer below refused the call until later.
    held: Vec<Held>,
}

/// A target that the layers below do not let this call to before a time.
#[derive(Debug, Clone, Copy)]
struct Held {
    site: usize,
    until: Instant,
    /// It goes then; else it may go then, as far as is known.
    surely: bool,
}

/// The targets that were asked, in their order. In place, because every call has some.
#[derive(Debug, Clone, Copy, Default)]
struct Tried {
    sites: [u16; Self::MOST],
    len: u16,
    // A bit for each of them: it stated a wait, after which it may be asked again.
    returns: u16,
}

impl Tried {
    const MOST: usize = 16;

    /// How often a call asks one target that states waits.
    const TIMES: usize = 3;

    fn push(&mut self, site: usize) {
        let place = self.sites.get_mut(usize::from(self.len));
        // A table has no more targets than fit.
        if let (Some(place), Ok(site)) = (place, u16::try_from(site)) {
            *place = site;
            self.len += 1;
        }
    }

    fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// It was asked, and has not said when to come back, or was in vain too often.
    fn is_out(&self, site: usize) -> bool {
        let all = self.sites[..self.len()].iter().enumerate();
        let mut asked = all.filter(|(_, one)| usize::from(**one) == site);
        let returns = |(at, _): (usize, _)| self.returns & (1 << at) != 0;
        let times = asked.clone().count();
        times >= Self::TIMES || asked.next_back().is_some_and(|last| !returns(last))
    }

    /// The last one was not asked after all: a layer below refused it until later.
    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    /// The last one that was asked stated a wait, or did not.
    fn set_returns(&mut self, returns: bool) {
        if let Some(at) = self.len().checked_sub(1) {
            let bit = 1 << at;
            self.returns = match returns {
                true => self.returns | bit,
                false => self.returns & !bit,
            };
        }
    }

    /// Those that were asked before this one was asked first.
    fn before(&self, site: usize) -> impl Iterator<Item = usize> {
        let all = self.sites[..self.len()].iter().map(|one| usize::from(*one));
        all.take_while(move |one| *one != site)
    }

    fn last(&self) -> Option<usize> {
        self.sites[..self.len()]
            .last()
            .map(|site| usize::from(*site))
    }
}

/// The most targets that a call may be sent to.
pub(crate) const MOST_ATTEMPTS: usize = Tried::MOST;

/// An attempt under way.
#[derive(Debug, Clone, Copy)]
struct Flight {
    site: usize,
    sent: Instant,
    /// It tests a target that has cooled down.
    tests: bool,
}

/// What failures so far rule out.
#[derive(Debug, Default)]
struct Barred {
    /// This provider first, for the next attempt.
    provider: Option<usize>,
    /// Accounts whose key was refused.
    accounts: Vec<usize>,
    /// Targets that are not declared to take more than this.
    context: Option<u64>,
}

impl<B: Replay, O> Run<B, O> {
    /// The start of a call.
    pub(crate) fn new(shared: Arc<Shared<O>>, mut request: Request<B>) -> Result<Self, BoxError> {
        let setup = shared.state.setup();
        let extensions = request.extensions_mut();
        let (mut call, mut preference, mut stay) = (None, None, None);
        if !extensions.is_empty() {
            call = extensions.remove::<Call>();
            preference = extensions.remove::<Preference>();
            stay = extensions.remove::<Stay>();
        }
        if preference.is_none() && setup.settings.listens {
            preference = Some(Preference::from_headers(request.headers()));
        }
        if let Some(stay) = stay {
            Preference::stay_at(&mut preference, stay);
        }
        let bytes = request.body().bytes();
        let model = match &bytes {
            _ if !setup.table.reads_bodies => Err(BadBody::NoModel),
            _ if is_compressed(request.headers()) => Err(BadBody::Compressed),
            None => Err(BadBody::NotKept),
            Some(_) => Found::read(request.headers(), request.body()),
        };
        let in_path = model_of(request.uri(), None);
        let in_body = || model.as_ref().ok()?.model(bytes.as_ref()?);
        let asked = in_path.or_else(in_body);
        // As a path has it: what is empty or a step up names none.
        let names = asked.as_deref().is_some_and(is_segment);
        let path = request.uri().path();
        let (lane, named) = choose(&setup, preference.as_ref(), path, asked.as_deref())?;
        let kind = kind_of(&setup, lane, path);
        if setup.table.routes[lane].ties() {
            if let Some(json) = request.body().json() {
                Preference::tie_by(&mut preference, &json);
            }
        }
        let mut call = call.unwrap_or_default();
        let now = Instant::now();
        if call.arrival().is_none() {
            call = call.with_arrival(now);
        }
        let time = preference.as_ref().and_then(Preference::time);
        if let Some(end) = time.and_then(|time| now.checked_add(time)) {
            let sooner = call.deadline().map_or(end, |other| other.min(end));
            call = call.with_deadline(sooner);
        }
        Ok(Self {
            original: Some(request),
            bytes,
            model,
            names,
            kind,
            call,
            preference: preference.map(Box::new),
            lane,
            named,
            tried: Tried::default(),
            barred: Barred::default(),
            attempts: Vec::new(),
            flight: None,
            again: Again::default(),
            bold: false,
            held: Vec::new(),
            slept: Duration::ZERO,
            setup,
            shared,
        })
    }
}

impl<B, O> Run<B, O> {
    /// The wait of the call, for others to see.
    pub(crate) fn nap(&self, wait: Duration) -> Nap {
        let now = Instant::now();
        let until = now.checked_add(wait).unwrap_or(now);
        let route = self.lane().name.clone();
        self.state().sleepers.enter(route, None, until)
    }

    /// With what the call is rejected, where the stack was closed while it waited.
    pub(crate) fn closed(&self) -> Option<Rejected> {
        self.state().sleepers.closed()
    }

    fn state(&self) -> &State {
        &self.shared.state
    }

    fn lane(&self) -> &Lane {
        &self.setup.table.routes[self.lane]
    }

    fn cost(&self) -> Option<&Cost> {
        self.call.cost()
    }

    /// Whether a failure may send the call on.
    fn falls_back(&self) -> bool {
        self.preference
            .as_deref()
            .is_none_or(Preference::falls_back)
    }
}

/// The route of a call and the place to start at: the one it names, else the first with the model it
/// asks for, from there on, else the first that has such calls at all.
fn choose(
    setup: &Setup,
    preference: Option<&Preference>,
    path: &str,
    asked: Option<&str>,
) -> Result<(usize, Option<usize>), NoRoute> {
    let lanes = &setup.table.routes;
    if let Some(name) = preference.and_then(|preference| preference.route.as_ref()) {
        let found = lanes.iter().position(|lane| lane.name == *name);
        return match found {
            Some(lane) => Ok((lane, None)),
            None => Err(NoRoute(name.clone())),
        };
    }
    let kind = |lane: usize| kind_of(setup, lane, path);
    let knows = |lane: usize| matches!(kind(lane), Kind::Known(_));
    let known = (0..lanes.len()).any(knows);
    let has_it = |lane: usize| match known {
        true => knows(lane),
        false => kind(lane) != Kind::Unknown,
    };
    let place = |lane: &Lane| {
        let model = |site: usize| setup.table.sites[site].target.model();
        lane.sites()
            .position(|site| asked.is_some() && model(site) == asked)
    };
    let fits = || lanes.iter().enumerate().filter(|(at, _)| has_it(*at));
    let named = fits().find_map(|(at, lane)| Some((at, Some(place(lane)?))));
    let first = || fits().next().map_or(0, |(at, _)| at);
    Ok(named.unwrap_or_else(|| (first(), None)))
}

/// What a path asks for in the dialect of a route.
fn kind_of(setup: &Setup, lane: usize, path: &str) -> Kind {
    let sites = &setup.table.sites;
    let first = setup.table.routes[lane].sites().next();
    let operation = first.and_then(|site| sites[site].operation(path));
    operation.map_or(Kind::Unknown, |operation| operation.kind)
}

fn is_compressed(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(header::CONTENT_ENCODING).iter();
    all.any(|value| {
        !value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    })
}

/// A dropped call gives back what its attempt holds.
impl<B, O> Drop for Run<B, O> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            self.setup.outcomes.leave(flight.site);
            if flight.tests {
                let keys = self.setup.keys[flight.site];
                self.shared
                    .state
                    .cooldowns(|all| all.untest(keys, flight.sent));
            }
        }
    }
}

/// A call chose a route that does not exist. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoute(Arc<str>);

impl NoRoute {
    /// The name it chose.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NoRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no route {:?}", self.0)
    }
}

impl Error for NoRoute {}
