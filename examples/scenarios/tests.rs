//! A run can be repeated, and means what it says.

use tollgate_test::Headers;

use super::{case::Case, clients::Client, model::Model, rows, run::run};

#[test]
fn one_seed_gives_one_trace() {
    for client in Client::ALL {
        let mut case = Case::burst("1", Model::Sliding, Headers::RetryAfter);
        case.calls = 700;
        let (once, again) = (run(&case, client, 1), run(&case, client, 1));
        assert_eq!(once, again, "{client:?}");
        assert_ne!(once.hash, run(&case, client, 2).hash, "{client:?}");
    }
}
