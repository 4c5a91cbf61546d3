//! Routes that build, and those that do not.

use super::*;
use crate::{Auth, Provider, Wire, cooldown::Keys, provider::preset};

fn groq() -> Provider {
    preset::groq().key("k")
}

fn own(base: &str) -> Provider {
    Provider::new("own", base, Wire::OpenAi).key("k")
}

fn fails(routes: &[Route]) -> (String, Flaw) {
    let error = Table::new(routes).expect_err("it must not build");
    assert!(!error.to_string().is_empty());
    (error.culprit().to_owned(), error.flaw().clone())
}

fn one(endpoints: impl IntoIterator<Item = Endpoint>) -> (String, Flaw) {
    fails(&[Route::new("r").ordered(endpoints)])
}

#[test]
fn what_is_empty_or_double() {
    assert_eq!(fails(&[]), ("the router".into(), Flaw::Empty));
    assert_eq!(one([]), ("r".into(), Flaw::Empty));
    let twice = one([groq().model("m"), groq().model("m")]);
    assert_eq!(twice, ("groq (m)".into(), Flaw::Twice));
    let route = || Route::new("r").ordered([groq().model("m")]);
    assert_eq!(fails(&[route(), route()]), ("r".into(), Flaw::NameTaken));
    let other = preset::groq().key("another");
    assert_eq!(
        one([groq().model("m"), other.model("n")]),
        ("groq".into(), Flaw::TwoProviders)
    );
}

#[test]
fn dialects_do_not_mix() {
    let anthropic = preset::anthropic().key("k");
    let mixed = one([groq().model("m"), anthropic.model("c")]);
    assert_eq!(
        mixed,
        (
            "anthropic (c)".into(),
            Flaw::MixedDialects("openai", "anthropic")
        )
    );
    let speaking = anthropic.speaking(Wire::OpenAi);
    assert!(
        Table::new(&[Route::new("r").ordered([groq().model("m"), speaking.model("c")])]).is_ok()
    );
    // Nor by way of another route.
    let routes = [
        Route::new("a").ordered([groq().model("m")]).then("b"),
        Route::new("b").ordered([preset::gemini().key("k").model("g")]),
    ];
    assert_eq!(fails(&routes).0, "gemini (g)");
}

#[test]
fn weights_and_prices() {
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let (culprit, flaw) = one([groq().model("m").weight(weight)]);
        assert_eq!(culprit, "groq (m)");
        assert!(matches!(flaw, Flaw::Weight(_)));
    }
    assert_eq!(
        one([groq().model("m").weight(0.0)]),
        ("r".into(), Flaw::NoWeight)
    );
    for (most, seconds) in [(0, 1), (11, 1), (2, 0), (2, 3_601)] {
        let tries = one([groq()
            .model("m")
            .tries(most, std::time::Duration::from_secs(seconds))]);
        assert_eq!(tries.0, "groq (m)");
    }
    let price = crate::Price::new(1.0, -2.0);
    assert_eq!(
        one([groq().model("m").price(price)]),
        ("groq (m)".into(), Flaw::Price)
    );
}

#[test]
fn addresses() {
    for (base, why) in [
        ("", "is not one"),
        ("not an address", "is not one"),
        ("/v1", "has no scheme"),
        ("ftp://h/v1", "is neither http nor https"),
        ("https://user:pass@h/v1", "holds a user or a password"),
        (
            "https://h/v1?key=x",
            "has a query: set its parts one by one",
        ),
        ("https://h/v1/../admin", "steps up in its path"),
    ] {
        assert_eq!(
            one([own(base).model("m")]),
            ("own (m)".into(), Flaw::Address(why)),
            "{base}"
        );
    }
}

#[test]
fn a_key_goes_unencrypted_only_where_nobody_stands_between() {
    for host in [
        "api.example.com",
        "8.8.8.8",
        "[2606:4700::1]",
        "localhost.evil.com",
    ] {
        let (culprit, flaw) = one([own(&format!("http://{host}/v1")).model("m")]);
        assert_eq!(culprit, "own (m)");
        assert_eq!(flaw, Flaw::PlainHttp(host.to_owned()));
    }
    for base in [
        "http://localhost:8000/v1",
        "http://127.0.0.1:8000",
        "http://[::1]:8000/",
        "http://10.0.0.7/v1",
        "http://vllm:8000/v1",
        "http://a.localhost/v1",
        "https://api.example.com/v1",
    ] {
        assert!(
            Table::new(&[Route::new("r").ordered([own(base).model("m")])]).is_ok(),
            "{base}"
        );
    }
    let public = "http://api.example.com/v1";
    for provider in [own(public).plain_http(), own(public).without_key()] {
        assert!(Table::new(&[Route::new("r").ordered([provider.model("m")])]).is_ok());
    }
}

#[test]
fn keys_and_headers() {
    let no_key = Provider::new("own", "https://h/v1", Wire::OpenAi);
    assert_eq!(one([no_key.model("m")]), ("own (m)".into(), Flaw::NoKey));
    assert_eq!(
        one([own("https://h").key("a\nb").model("m")]).1,
        Flaw::BadKey
    );
    let header = own("https://h").header("bad name", "v").model("m");
    assert_eq!(one([header]).1, Flaw::Header("bad name".to_owned()));
    let auth = own("https://h").auth(Auth::Header("x y".into())).model("m");
    assert_eq!(one([auth]).1, Flaw::Header("x y".to_owned()));
}

#[test]
fn routes_go_on_with_others_but_not_in_a_circle() {
    let routes = |last: Option<&'static str>| {
        let c = Route::new("c").ordered([groq().model("3"), groq().model("1")]);
        let c = last.map_or(c.clone(), |last| c.then(last));
        [
            Route::new("a")
                .ordered([groq().model("1"), groq().model("2")])
                .then("c"),
            Route::new("b").then("a"),
            c,
        ]
    };
    let table = Table::new(&routes(None)).expect("it builds");
    let models = |lane: &Lane| -> Vec<String> {
        let names = lane
            .sites()
            .map(|site| table.sites[site].target.model().map(str::to_owned));
        names.flatten().collect()
    };
    let all: Vec<_> = table.routes.iter().map(models).collect();
    assert_eq!(
        all,
        [vec!["1", "2", "3"], vec!["1", "2", "3"], vec!["3", "1"]]
    );
    assert_eq!(
        table.sites.len(),
        3,
        "one target is one target in all routes"
    );
    assert_eq!(fails(&routes(Some("b"))), ("a".into(), Flaw::Circle));
    assert_eq!(fails(&routes(Some("c"))).1, Flaw::Circle);
    assert_eq!(
        fails(&routes(Some("x"))),
        ("a".into(), Flaw::NoSuchRoute("x".into()))
    );
}

#[test]
fn accounts_make_targets_of_their_own() {
    let two = preset::openai().account("a", "k1").account("b", "k2");
    let route = Route::new("r").ordered([two.model("1"), two.model("2")]);
    let table = Table::new(&[route]).expect("it builds");
    let names: Vec<_> = table
        .sites
        .iter()
        .map(|site| site.target.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "openai (1) as a",
            "openai (1) as b",
            "openai (2) as a",
            "openai (2) as b"
        ]
    );
    let keys = crate::known::Known::default().enter(&table).0;
    let same = |a: Keys, b: Keys| [a.provider == b.provider, a.account == b.account];
    assert_eq!(same(keys[3], keys[1]), [true, true]);
    assert_eq!(same(keys[3], keys[2]), [true, false]);
    assert_ne!(keys[3].site, keys[1].site);
}

#[test]
fn no_error_shows_a_key() {
    let canary = "sk-canary\u{7f}";
    let error = Table::new(&[Route::new("r").ordered([own("https://h").key(canary).model("m")])]);
    let error = error.expect_err("no header can carry it");
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn one_target_has_one_set_of_settings() {
    let routes = |other: Endpoint| {
        let first = Route::new("a").ordered([groq().model("m").context(8_000)]);
        [first.then("b"), Route::new("b").ordered([other])]
    };
    for other in [
        groq().model("m"),
        groq().model("m").context(8_000).weight(2.0),
        groq()
            .model("m")
            .context(8_000)
            .price(crate::Price::new(1.0, 1.0)),
        groq()
            .model("m")
            .context(8_000)
            .tries(2, std::time::Duration::from_secs(1)),
        groq()
            .model("m")
            .context(8_000)
            .wait_budget(std::time::Duration::from_secs(1)),
    ] {
        assert_eq!(
            fails(&routes(other)),
            ("groq (m)".into(), Flaw::TwoSettings)
        );
    }
    assert!(Table::new(&routes(groq().model("m").context(8_000))).is_ok());
}

#[test]
fn a_number_may_be_any_address() {
    for host in ["134744072", "0x08080808"] {
        let flaw = one([own(&format!("http://{host}/v1")).model("m")]).1;
        assert_eq!(flaw, Flaw::PlainHttp(host.to_owned()));
    }
}
