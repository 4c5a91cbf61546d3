//! Broken answers: whatever a body becomes, the reading neither panics nor makes an error a success.
//! `cargo bench -p tollgate-classify --bench mutations` tries many more and shows the slowest.

use tollgate_core::Class;

use crate::{
    mutate::{Random, mutate},
    row,
};

#[test]
fn broken_answers_stay_errors() {
    let rows = row::all();
    let mut random = Random::new(0x7011_6a7e);
    for _ in 0..4_000 {
        let row = &rows[random.below(rows.len())];
        let other = rows[random.below(rows.len())].body.as_bytes();
        let mut body = row.body.clone().into_bytes();
        mutate(&mut body, other, &mut random);
        let origin = row.provider.as_deref().filter(|_| random.below(2) == 0);
        let seen = row.with_body(&body, origin);
        if row.status >= 400 {
            assert_ne!(seen.class(), Class::Ok, "{}", row.id);
        }
        assert!(seen.evidence().len() <= 128, "{}", row.id);
        let sound = seen
            .wait()
            .is_none_or(|wait| u64::try_from(wait.as_millis()).is_ok());
        assert!(sound, "{}: {:?}", row.id, seen.wait());
    }
}
