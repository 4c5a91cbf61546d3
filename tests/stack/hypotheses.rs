//! What all of this is for, as five hypotheses with numbers. Read it from the top.
//!
//! * H1: every answer by which a provider pushes back is recognised.
//! * H2: retries end in success.
//! * H3: sustained trouble moves the breaker through its states.
//! * H4: nothing is silently dropped.
//! * H5: bursts of calls are handled.
//!
//! The stories play on the paused clock against scripted providers (`world.rs`), through the stack that
//! people build (`stack.rs`): route, retry, breaker, limit, classify. `crowd.rs` makes the calls and
//! says how each ended, `told.rs` keeps what the layers told about each. `hostile.rs` asks H4 and H5
//! again, under worse conditions.

mod answers;
mod crowd;
mod hostile;
mod internet;
mod stack;
mod told;
mod world;

/// H1. A 429 is not always a 429, and not every 429 is a rate limit: it may be a 529, a 503, an event
/// in a stream that began with 200, or a 413. All are read as what they are, a limit or an overload, and
/// are worth another try here (but for a call that is larger than the limit) and elsewhere.
mod h1_every_push_back_is_recognised {
    use std::{io, time::Duration};

    use http::{Request, Response};
    use tollgate_classify::ClassifyLayer;
    use tollgate_core::{Class, Classification};
    use tollgate_test::{Dialect, Headers, Kind, KitBody, Quota};
    use tower::{ServiceBuilder, ServiceExt, service_fn};

    use super::{
        answers::{
            Said, limits_of_all_dialects, look_alikes, no_push_backs, overloads_of_all_dialects,
        },
        world::ms,
    };

    /// What the classifier makes of an answer of this host.
    async fn read(host: &str, said: &Said) -> Classification {
        let provider = service_fn(|_: Request<()>| async {
            Ok::<_, io::Error>(Response::<KitBody>::from(said.answer.clone()))
        });
        let client = ServiceBuilder::new()
            .layer(ClassifyLayer::new())
            .service(provider);
        let request = Request::post(format!("https://{host}/v1/chat/completions")).body(());
        let answer = client.oneshot(request.expect("a request")).await;
        Classification::of(&answer.expect("answered")).into_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn each_of_2400_answers_of_19_providers() {
        let mut all = limits_of_all_dialects();
        all.extend(overloads_of_all_dialects());
        all.extend(look_alikes());
        assert!(all.len() > 2_300, "{} answers", all.len());
        let mut missed = Vec::new();
        for said in &all {
            let seen = read(said.host, said).await;
            let same = seen.retry_same() != said.hopeless;
            // Better no wait than one that is too short.
            let early = seen
                .wait()
                .zip(said.told)
                .is_some_and(|(read, told)| read < told);
            if seen.class() != said.class || !same || !seen.try_elsewhere() || early {
                missed.push(format!("{}, {}: read as {seen}", said.host, said.name));
            }
        }
        let recognised = 1.0 - missed.len() as f64 / all.len() as f64;
        assert!(recognised == 1.0, "{recognised}: {missed:#?}");
    }

    /// Behind a proxy nobody knows who speaks.
    #[tokio::test(start_paused = true)]
    async fn each_with_status_429_also_at_a_host_that_nobody_knows() {
        let all = limits_of_all_dialects();
        for said in all.iter().filter(|said| said.answer.status() == 429) {
            let seen = read("proxy.internal", said).await;
            assert_eq!(seen.class(), Class::RateLimited, "{}: {seen}", said.name);
        }
    }

    /// Met for real, with the quota headers that go with it: exact ones, whole seconds, `retry-after`
    /// alone, none.
    #[tokio::test(start_paused = true)]
    async fn each_that_a_full_quota_brings() {
        use Headers::{Exact, RetryAfter, Seconds, Silent};
        for dialect in Dialect::ALL {
            for headers in [Headers::Dialect, Exact, Seconds, RetryAfter, Silent] {
                let provider = tollgate_test::Provider::builder(dialect)
                    .quota(Quota::fixed(Kind::Requests, 1, ms(60_000)))
                    .headers(headers)
                    .build();
                let client = ServiceBuilder::new()
                    .layer(ClassifyLayer::new())
                    .service(provider.service());
                let mut classes = Vec::new();
                for _ in 0..2 {
                    let request = super::super::chat(dialect, false);
                    let answer = client.clone().oneshot(request).await.expect("answered");
                    let seen = Classification::of(&answer);
                    assert!(
                        seen.wait()
                            .is_none_or(|wait| wait >= Duration::from_secs(1))
                    );
                    classes.push(seen.class());
                }
                assert_eq!(
                    classes,
                    [Class::Ok, Class::RateLimited],
                    "{dialect}, {headers:?}"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_else_is_taken_for_one() {
        let mut wrong = Vec::new();
        for said in no_push_backs() {
            let seen = read(said.host, &said).await;
            if seen.class().is_throttle() || seen.class() != said.class {
                wrong.push(format!("{}: read as {seen}", said.name));
            }
        }
        assert_eq!(wrong.len(), 0, "{wrong:#?}");
    }
}

/// H2. A call that is pushed back waits and is sent again, and in the end it is served: more than 95 %
/// of them, and in the standard story within 5 s.
mod h2_retries_end_in_success {
    use tollgate_core::Random;
    use tollgate_retry::RetryLayer;
    use tollgate_test::Dialect;

    use super::{
        crowd::{Done, End, count, every, percentile, run},
        internet::Internet,
        stack::{one, stack},
        world::{ms, provider, route, standard, turned_away},
    };

    const CALLS: usize = 200;

    /// The part of the calls that were turned away and answered all the same.
    fn saved(all: &[Done], internet: &Internet) -> f64 {
        let away = turned_away(internet);
        let saved = away.iter().filter(|call| all[**call].end == End::Ok);
        saved.count() as f64 / away.len() as f64
    }

    /// 200 calls, 15 a second, three providers that push back: see `world.rs`.
    #[tokio::test(start_paused = true)]
    async fn in_the_standard_story() {
        for seed in 0..10 {
            let internet = standard(seed);
            let (client, watch) = stack(route(), &internet, seed);
            let all = run(&client, every(ms(1_000) / 15, CALLS)).await;
            let (ok, saved) = (count(&all, |end| *end == End::Ok), saved(&all, &internet));
            assert!(saved > 0.95, "seed {seed}: {saved} of those turned away");
            // Measured: all of them; 0.45 s, the slowest of all 3.9 s.
            assert_eq!(ok, CALLS, "seed {seed}");
            assert!(percentile(&all, 95) < ms(5_000), "seed {seed}");
            assert_eq!(watch.leaks(), Default::default(), "seed {seed}");
        }
    }

    /// 15 calls a second where 10 are allowed, and nobody else to ask: backoff alone.
    #[tokio::test(start_paused = true)]
    async fn with_nothing_but_backoff() {
        for seed in 0..10 {
            let internet = Internet::of([provider(Dialect::OpenAi, 10, seed).build()]);
            let retry = RetryLayer::builder().random(Random::seeded(seed)).build();
            let client = one(retry.expect("the defaults are good"), &internet);
            let all = run(&client, every(ms(1_000) / 15, CALLS)).await;
            assert!(
                turned_away(&internet).len() > 50,
                "seed {seed}: pushed back"
            );
            let saved = saved(&all, &internet);
            assert!(saved > 0.95, "seed {seed}: {saved} of those turned away");
            assert!(percentile(&all, 95) < ms(20_000), "seed {seed}");
        }
    }

    /// The same without: whoever is turned away is lost. The story is a real one.
    #[tokio::test(start_paused = true)]
    async fn and_without_backoff_they_do_not() {
        let internet = Internet::of([provider(Dialect::OpenAi, 10, 1).build()]);
        let client = one(tower::layer::util::Identity::new(), &internet);
        let all = run(&client, every(ms(1_000) / 15, CALLS)).await;
        assert_eq!(saved(&all, &internet), 0.0);
        assert!(count(&all, |end| *end == End::Ok) < CALLS * 3 / 4);
    }
}

/// H3. A provider that goes on failing is shut off, probed, and taken back: CLOSED, OPEN, HALF-OPEN,
/// CLOSED, in this order and no other. Rate limits do so where one asks for it, and only there: by
/// default their end is known, and waiting is somebody else's job.
mod h3_sustained_trouble_moves_the_breaker {
    use std::sync::{Arc, Mutex, PoisonError};

    use tollgate_breaker::{BreakerLayer, Handle};
    use tollgate_core::{Class, Reason, Target};
    use tollgate_route::timeout::TimeoutLayer;
    use tollgate_test::{Dialect, Fault, Kind, Provider, ProviderBuilder, Quota};
    use tower::layer::util::Stack;

    use super::{
        crowd::{Call, Done, End, chat, count, run},
        internet::Internet,
        stack::one,
        world::ms,
    };

    const FULL_CIRCLE: [&str; 4] = ["closed", "open", "half-open", "closed"];

    /// The states that a breaker goes through from now on.
    fn follow(handle: &Handle) -> Arc<Mutex<Vec<&'static str>>> {
        let states = Arc::new(Mutex::new(vec!["closed"]));
        let target = Target::provider_only(Dialect::OpenAi.host());
        let (mut changes, seen) = (handle.subscribe(&target), states.clone());
        tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                let state = changes.borrow_and_update().state().as_str();
                seen.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(state);
            }
        });
        states
    }

    /// Two calls a second for so many seconds; attempts may take 400 ms. The states of the breaker, the
    /// calls, and the provider.
    async fn story(
        breaker: BreakerLayer,
        provider: ProviderBuilder,
        seconds: usize,
    ) -> (Vec<&'static str>, Vec<Done>, Provider) {
        let provider = provider.latency(ms(100), ms(0)).travel(ms(25), ms(0));
        let internet = Internet::of([provider.build()]);
        let states = follow(&breaker.handle());
        let timeouts = TimeoutLayer::builder().attempt(ms(400)).build();
        let layers = Stack::new(timeouts.expect("a good limit"), breaker);
        let client = one(layers, &internet);
        let call = |n: usize| Call {
            arrival: ms(500) * u32::try_from(n).expect("few"),
            request: chat(n, true),
            patience: None,
        };
        let all = run(&client, (0..2 * seconds).map(call).collect()).await;
        let states = states.lock().unwrap_or_else(PoisonError::into_inner);
        (states.clone(), all, internet.providers[0].clone())
    }

    /// 10 calls in each 30 s are allowed, and 60 come.
    fn limited() -> ProviderBuilder {
        Provider::builder(Dialect::OpenAi).quota(Quota::fixed(Kind::Requests, 10, ms(30_000)))
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limits_do_where_one_asks_for_it() {
        let (states, all, provider) = story(BreakerLayer::with_rate_limits(), limited(), 33).await;
        assert_eq!(states, FULL_CIRCLE);
        // 10 are served; 5 in a row are turned away and open it until the window ends, which the
        // provider told; then probes are served, and calls.
        let refused = count(&all, |end| *end == End::Rejected(Reason::CircuitOpen));
        let limited = count(&all, |end| *end == End::Error(Class::RateLimited));
        let ok = count(&all, |end| *end == End::Ok);
        assert_eq!((ok, limited, refused), (15, 5, 46));
        assert_eq!(
            provider.stats().calls,
            15 + 5,
            "nothing is sent to an open one"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limits_do_not_by_default() {
        let (states, all, _) = story(BreakerLayer::outages(), limited(), 33).await;
        assert_eq!(states, ["closed"]);
        let limited = count(&all, |end| *end == End::Error(Class::RateLimited));
        assert_eq!(limited, 66 - 16);
    }

    #[tokio::test(start_paused = true)]
    async fn faults_of_every_kind_do_by_default() {
        let faults = [
            ("500", Fault::status(500)),
            ("503", Fault::status(503)),
            ("529", Fault::status(529)),
            ("no answer", Fault::hang()),
            ("resets", Fault::reset_before_headers()),
            ("broken bodies", Fault::reset_after_headers()),
            ("errors in streams", Fault::first_event()),
        ];
        for (name, fault) in faults {
            let ill = Provider::builder(Dialect::OpenAi).fault(fault.calls(11..=15));
            let (states, all, provider) = story(BreakerLayer::new(), ill, 30).await;
            assert_eq!(states, FULL_CIRCLE, "{name}");
            let refused = count(&all, |end| *end == End::Rejected(Reason::CircuitOpen));
            assert_eq!(
                provider.stats().calls as usize + refused,
                all.len(),
                "{name}"
            );
            assert!(refused > 0, "{name}");
        }
    }

    /// As long as it lasts, each probe opens the breaker again, and for longer.
    #[tokio::test(start_paused = true)]
    async fn a_long_outage_goes_round_until_it_is_over() {
        let down = Fault::status(503).during(ms(5_000)..ms(60_000));
        let ill = Provider::builder(Dialect::OpenAi).fault(down);
        let (states, all, provider) = story(BreakerLayer::new(), ill, 180).await;
        let next = |pair: &[&str]| match pair[0] {
            "closed" => pair[1] == "open",
            "open" => pair[1] == "half-open",
            _ => pair[1] != "half-open",
        };
        assert!(states.windows(2).all(next), "{states:?}");
        assert_eq!(states.last(), Some(&"closed"));
        let opened = states.iter().filter(|state| **state == "open").count();
        let failed = count(&all, |end| *end == End::Error(Class::Overloaded));
        // 5 open it, and one probe each time it is half open.
        assert_eq!(failed, 5 + opened - 1);
        assert!(
            opened >= 3 && provider.stats().faults as usize == failed,
            "{states:?}"
        );
    }
}

/// H4. Every call has exactly one outcome; whoever is not served is told why; and whoever watches hears
/// of it. Afterwards nothing is held, and the stack is as good as new. Providers fail in all ways, and a
/// quarter of the callers go away at some moment.
mod h4_nothing_is_silently_dropped {
    use std::time::Duration;

    use tokio::time::sleep;
    use tollgate::event::Outcome;
    use tollgate_core::Random;

    use super::{
        crowd::{Call, End, chat, count, every, run},
        stack::{Leaks, stack},
        told::Heard,
        world::{ill, ms, route},
    };

    const CALLS: usize = 1_200;

    /// 40 calls a second: streams and others, prompts that are too long, bodies that are no JSON,
    /// deadlines, and callers who go away.
    fn all_sorts(seed: u64) -> Vec<Call> {
        let random = Random::seeded(seed);
        let chance = |part: f64| random.unit() < part;
        let mut calls = every(ms(25), CALLS);
        for (n, call) in calls.iter_mut().enumerate() {
            call.request = chat(n, chance(0.5));
            if chance(0.05) {
                let long = "long ".repeat(2_000);
                let body = format!(
                    r#"{{"model":"any","user":"{n}","messages":[{{"role":"user","content":"{long}"}}]}}"#
                );
                *call.request.body_mut() = body.into();
            }
            if chance(0.01) {
                *call.request.body_mut() = "no JSON".into();
            }
            if chance(0.5) {
                let time = call.arrival + ms(1_000) + random.up_to(ms(7_000));
                let deadline = tollgate_core::Call::new().with_deadline_in(time);
                call.request.extensions_mut().insert(deadline);
            }
            if chance(0.25) {
                call.patience = Some(random.up_to(ms(3_000)));
            }
        }
        calls
    }

    #[tokio::test(start_paused = true)]
    async fn of_1200_calls_in_a_minute_of_chaos() {
        for seed in 0..3 {
            chaos(seed).await;
        }
    }

    /// 1,000 callers leave a tenth of a second after they came; most of them wait in the queue then.
    #[tokio::test(start_paused = true)]
    async fn who_goes_away_is_gone_at_once() {
        let internet = ill(1);
        let (client, watch) = stack(route(), &internet, 1);
        let mut calls = every(ms(0), 1_000);
        calls
            .iter_mut()
            .for_each(|call| call.patience = Some(ms(100)));
        let all = run(&client, calls).await;
        assert!(count(&all, |end| *end == End::Cancelled) > 900);
        assert_eq!(watch.leaks(), Leaks::default());
    }

    async fn chaos(seed: u64) {
        let internet = ill(seed);
        let (client, watch) = stack(route(), &internet, seed);
        let all = run(&client, all_sorts(seed)).await;

        // One outcome each.
        let ok = count(&all, |end| *end == End::Ok);
        let error = count(&all, |end| matches!(end, End::Error(_) | End::Broken));
        let rejected = count(&all, |end| matches!(end, End::Rejected(_)));
        let cancelled = count(&all, |end| *end == End::Cancelled);
        let books = (ok, error, rejected, cancelled);
        assert_eq!(ok + error + rejected + cancelled, CALLS, "seed {seed}");
        // None of them is rare.
        assert!(
            ok > 400 && error > 40 && rejected > 100 && cancelled > 150,
            "{books:?}"
        );

        // Each with its reason, and each was told.
        let told = watch.told.by_call(CALLS);
        for done in &all {
            let (end, heard) = (&done.end, &told[done.call]);
            let whose = format!("seed {seed}, call {}: {end:?}, told {heard:?}", done.call);
            assert!(!matches!(end, End::Silent(_)), "{whose}");
            // The end is told once, and as the caller has it; to one who left, if it had begun.
            let ends: Vec<_> = heard.iter().filter_map(Heard::outcome).collect();
            let as_met = |told: &Outcome| match (end, told) {
                (End::Ok, told) => told.is_ok(),
                (End::Broken, told) => matches!(told, Outcome::Answered(_)),
                (End::Error(class), Outcome::Answered(told) | Outcome::Failed(told)) => {
                    class == told
                }
                (End::Rejected(reason), Outcome::Rejected(told)) => reason == told,
                (end, _) => *end == End::Cancelled,
            };
            assert!(ends.iter().all(as_met), "{whose}");
            let least = usize::from(*end != End::Cancelled);
            assert!((least..=1).contains(&ends.len()), "{whose}");
            if !matches!(end, End::Ok | End::Cancelled) {
                assert!(heard.iter().any(Heard::is_failure), "{whose}");
            }
        }
        assert!(
            watch.told.sendings() as u64 >= internet.sent(),
            "seed {seed}"
        );

        // Nothing is held, and a day later the first provider serves as on the first day.
        assert_eq!(watch.leaks(), Leaks::default(), "seed {seed}");
        sleep(Duration::from_secs(86_400)).await;
        let served = || internet.providers[0].stats().served;
        let before = served();
        run(&client, every(ms(1_000), 5)).await;
        assert_eq!(served() - before, 5, "seed {seed}");
        assert_eq!(watch.leaks(), Leaks::default(), "seed {seed}");
    }
}

/// H5. A thousand calls at once are answered, or refused with a reason; first come, first served where
/// there is one provider.
mod h5_bursts_are_handled {
    use std::{
        collections::HashSet,
        time::{Duration, UNIX_EPOCH},
    };

    use tollgate_core::Reason;
    use tollgate_route::{Route, Wire, provider::preset};
    use tollgate_test::{Dialect, Entry};

    use super::{
        crowd::{Done, End, count, every, percentile, run},
        internet::Internet,
        stack::{Leaks, stack},
        world::{ms, number, provider, route, standard, turned_away},
    };

    const CALLS: usize = 1_000;

    /// The three providers could take 1,210 in the first moment, and nearly all are served then. What
    /// the first rejects goes on to the next.
    #[tokio::test(start_paused = true)]
    async fn with_three_providers_all_are_answered() {
        for seed in 0..3 {
            let internet = standard(seed);
            let (client, watch) = stack(route(), &internet, seed);
            let all = run(&client, every(ms(0), CALLS)).await;
            assert_eq!(count(&all, |end| *end == End::Ok), CALLS, "seed {seed}");
            // Measured: 1.1 to 1.2 s.
            assert!(percentile(&all, 95) < ms(2_000), "seed {seed}");
            // Measured: up to 60, half of them 529s; 24 and 2 % of the calls is the aim for each provider.
            let away = turned_away(&internet).len();
            assert!(away < CALLS / 12, "seed {seed}: {away}");
            assert_eq!(watch.told.sendings() as u64, internet.sent(), "seed {seed}");
            assert_eq!(watch.leaks(), Leaks::default(), "seed {seed}");
        }
    }

    /// One provider, of which nothing is known, and which allows so many at once.
    async fn with_one(burst: u64, budget: Option<Duration>) -> (Vec<Done>, Vec<usize>) {
        // Calls do not overtake each other under way.
        let openai = provider(Dialect::OpenAi, burst, 1).travel(ms(25), ms(0));
        let internet = Internet::of([openai.build()]);
        let to = preset::openai().key("k").model("gpt-4o-mini");
        let (client, watch) = stack(Route::new("chat").ordered([to]), &internet, 1);
        let mut calls = every(ms(0), CALLS);
        if budget.is_some() {
            for call in &mut calls {
                let bounded = tollgate_core::Call::new().with_wait_budget(budget);
                call.request.extensions_mut().insert(bounded);
            }
        }
        let all = run(&client, calls).await;
        assert_eq!(watch.told.sendings() as u64, internet.sent());
        assert_eq!(watch.leaks(), Leaks::default());
        let away = turned_away(&internet).len();
        assert!(away <= 24 + CALLS / 50, "{away} were sent too early");
        // Who is rejected comes again, and all came in the same moment: the first time of each counts.
        let log = internet.providers[0].log();
        let mut order: Vec<_> = log.iter().map(Entry::asked).map(number).collect();
        let mut seen = HashSet::new();
        order.retain(|call| seen.insert(*call));
        (all, order)
    }

    #[tokio::test(start_paused = true)]
    async fn with_one_provider_first_come_first_served() {
        let (all, order) = with_one(600, None).await;
        assert_eq!(order, (0..CALLS).collect::<Vec<_>>());
        assert_eq!(count(&all, |end| *end == End::Ok), CALLS);
        // 400 at 10 a second take 40 s. Measured: 35.8 s, the last one 40.8 s.
        assert!(
            percentile(&all, 95) < ms(37_000),
            "{:?}",
            percentile(&all, 95)
        );
        assert!(
            percentile(&all, 100) < ms(42_000),
            "{:?}",
            percentile(&all, 100)
        );
    }

    /// Resets that are times of day in whole seconds tell little, and yet enough.
    #[tokio::test(start_paused = true)]
    async fn with_one_provider_whose_resets_are_times_of_day() {
        for seed in 0..10 {
            // The fraction of the second at which it begins.
            let start = UNIX_EPOCH + ms(1_790_942_400_000 + 100 * seed);
            let anthropic = provider(Dialect::Anthropic, 600, seed).starts_at(start);
            let internet = Internet::of([anthropic.build()]);
            let to = preset::anthropic().speaking(Wire::OpenAi).key("k");
            let to = to.model("claude-3-5-haiku-20241022");
            let (client, watch) = stack(Route::new("chat").ordered([to]), &internet, seed);
            let all = run(&client, every(ms(0), CALLS)).await;
            assert_eq!(count(&all, |end| *end == End::Ok), CALLS, "seed {seed}");
            // 400 at 10 a second take 40 s. Measured: 40.4 to 42.1 s, and once 43.7 s.
            let last = percentile(&all, 100);
            assert!(last < ms(44_500), "seed {seed}: {last:?}");
            assert_eq!(watch.leaks(), Leaks::default(), "seed {seed}");
        }
    }

    /// Calls that have ten minutes are all served, at the provider's pace.
    #[tokio::test(start_paused = true)]
    async fn with_too_small_a_provider_and_time_all_are_served() {
        let (all, order) = with_one(10, None).await;
        assert_eq!(order, (0..CALLS).collect::<Vec<_>>());
        assert_eq!(count(&all, |end| *end == End::Ok), CALLS);
        // 990 at 10 a second take 99 s.
        let last = percentile(&all, 100);
        assert!(last < ms(101_000), "{last:?}");
    }

    /// Calls that could not be sent within the minute that they may wait are refused when it is over: what
    /// was learned could be wrong.
    #[tokio::test(start_paused = true)]
    async fn with_too_small_a_provider_the_first_are_served_and_the_rest_refused() {
        let (all, order) = with_one(10, Some(ms(60_000))).await;
        let ok = count(&all, |end| *end == End::Ok);
        assert!(ok >= 600, "{ok} of 610 that a minute allows");
        assert_eq!(order, (0..order.len()).collect::<Vec<_>>());
        let refused = End::Rejected(Reason::WaitTooLong);
        assert_eq!(count(&all, |end| *end == refused), CALLS - ok);
        assert!(all.iter().all(|done| done.took < ms(61_000)));
        let early = |done: &&Done| done.end == refused && done.took < ms(59_000);
        assert_eq!(all.iter().filter(early).count(), 0);
    }
}
