//! Each strategy, as the pure function it is.

use super::*;

fn targets(names: &[&'static str]) -> Vec<Target> {
    names.iter().map(|name| Target::new(*name, "m")).collect()
}

/// The name of whoever is first.
fn first<'a>(strategy: &dyn Strategy, all: &[Candidate<'a>], ask: &Ask<'_>) -> &'a str {
    let score = |candidate: &&Candidate<'_>| strategy.score(candidate, ask);
    let first = all.iter().min_by(|a, b| score(a).total_cmp(&score(b)));
    first.expect("there are some").target.provider()
}

/// How often each is first, of a thousand calls.
fn shares(strategy: &dyn Strategy, all: &[Candidate<'_>]) -> Vec<u32> {
    let random = Random::seeded(5);
    let mut shares = vec![0; all.len()];
    for _ in 0..1_000 {
        let name = first(strategy, all, &Ask::new(&random));
        let at = all.iter().position(|one| one.target.provider() == name);
        shares[at.expect("one of them")] += 1;
    }
    shares
}

#[test]
fn ordered_keeps_the_order() {
    let targets = targets(&["b", "a", "c"]);
    let all: Vec<_> = targets.iter().map(Candidate::new).collect();
    assert_eq!(shares(&Ordered, &all), [1_000, 0, 0]);
}

#[test]
fn weights_are_kept_and_zero_is_never_first() {
    let targets = targets(&["a", "b", "c"]);
    let mut all: Vec<_> = targets.iter().map(Candidate::new).collect();
    all[0].weight = 3.0;
    all[2].weight = 0.0;
    let shares = shares(&Weighted, &all);
    assert!((700..=800).contains(&shares[0]), "{shares:?}");
    assert_eq!(shares[2], 0);
    let random = Random::seeded(1);
    assert_eq!(first(&Weighted, &all[2..], &Ask::new(&random)), "c");
}

#[test]
fn most_left_is_first_and_unknown_ones_go_by_their_load() {
    let targets = targets(&["a", "b", "c", "d"]);
    let mut all: Vec<_> = targets.iter().map(Candidate::new).collect();
    (all[0].left, all[1].left) = (Some(0.2), Some(0.7));
    (all[2].in_flight, all[3].in_flight) = (3, 5);
    let random = Random::seeded(1);
    let ask = Ask::new(&random);
    assert_eq!(first(&LeastLoaded, &all, &ask), "b");
    assert_eq!(first(&LeastLoaded, &all[2..], &ask), "c");
    all[3].weight = 2.0;
    assert_eq!(first(&LeastLoaded, &all[2..], &ask), "d");
}

#[test]
fn the_fastest_is_asked_most_and_the_others_now_and_then() {
    let targets = targets(&["slow", "fast", "broken"]);
    let mut all: Vec<_> = targets.iter().map(Candidate::new).collect();
    all[0].latency = Some(Duration::from_millis(900));
    all[1].latency = Some(Duration::from_secs(9));
    all[1].first_token = Some(Duration::from_millis(300));
    all[2].latency = Some(Duration::from_millis(10));
    all[2].success_rate = Some(0.0);
    let shares = shares(&Fastest::new(), &all);
    assert!(
        shares[1] > 850 && shares[0] > 10 && shares[2] > 10,
        "{shares:?}"
    );
    let random = Random::seeded(1);
    all[0].latency = None;
    assert_eq!(
        first(&Fastest::explore(0.0), &all, &Ask::new(&random)),
        "slow"
    );
}

#[test]
fn the_cheapest_depends_on_the_call() {
    let targets = targets(&["a", "b", "unpriced"]);
    let mut all: Vec<_> = targets.iter().map(Candidate::new).collect();
    all[0].price = Some(Price::new(1.0, 8.0));
    all[1].price = Some(Price::new(2.0, 4.0));
    let random = Random::seeded(1);
    let ask = |input, output| {
        let cost = Cost::default()
            .with_input_tokens(input)
            .with_output_tokens(output);
        Ask::new(&random).with_cost(cost)
    };
    assert_eq!(first(&Cheapest, &all, &ask(0, 0)), "b");
    assert_eq!(first(&Cheapest, &all, &ask(10_000, 10)), "a");
    assert_eq!(first(&Cheapest, &all, &ask(10, 10_000)), "b");
    assert_eq!(first(&Cheapest, &all[2..], &ask(10, 10)), "unpriced");
}

#[test]
fn what_belongs_together_stays_together_when_another_drops_out() {
    let targets = targets(&["a", "b", "c", "d"]);
    let all: Vec<_> = targets.iter().map(Candidate::new).collect();
    let mut used = [0; 4];
    for conversation in 0..400 {
        let random = Random::seeded(conversation);
        let words = conversation.to_string();
        let ask = Ask::new(&random).with_affinity(Some(&words));
        let home = first(&Sticky, &all, &ask);
        let at = all.iter().position(|one| one.target.provider() == home);
        used[at.expect("one of them")] += 1;
        // Without "d", only what was at "d" moves.
        let rest = first(&Sticky, &all[..3], &ask);
        assert!(rest == home || home == "d", "{home} moved to {rest}");
    }
    assert!(used.iter().all(|n| *n > 60), "{used:?}");
    let random = Random::seeded(1);
    assert_eq!(
        first(&Sticky, &all, &Ask::new(&random)),
        "a",
        "belongs to none"
    );
}

#[test]
fn numbers_of_targets_never_change() {
    // Another process, perhaps of another version, must choose the same.
    assert_eq!(id_of(&Target::new("groq", "m")), 0x7b97_af0f_9314_3474);
    assert_ne!(
        id_of(&Target::new("a", "bc")),
        id_of(&Target::new("ab", "c"))
    );
}

#[test]
fn who_only_ever_failed_is_not_the_fastest() {
    let targets = targets(&["never", "slow"]);
    let mut all: Vec<_> = targets.iter().map(Candidate::new).collect();
    all[0].success_rate = Some(0.0);
    (all[1].success_rate, all[1].latency) = (Some(1.0), Some(Duration::from_secs(9)));
    let random = Random::seeded(1);
    let ask = Ask::new(&random);
    assert_eq!(first(&Fastest::explore(0.0), &all, &ask), "slow");
    assert_eq!(first(&Fastest::explore(0.0), &all[..1], &ask), "never");
}

#[test]
fn one_call_in_twenty_explores_however_many_targets_there_are() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let targets = targets(&names);
    let mut all: Vec<_> = targets.iter().map(Candidate::new).collect();
    for one in &mut all {
        one.latency = Some(Duration::from_secs(2));
    }
    all[0].latency = Some(Duration::from_secs(1));
    let others: u32 = shares(&Fastest::new(), &all)[1..].iter().sum();
    assert!((20..=75).contains(&others), "{others}");
}
