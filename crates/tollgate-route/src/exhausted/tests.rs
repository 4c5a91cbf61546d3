//! The sentence, and what it carries.

use tollgate_core::Target;

use super::*;

fn limited(provider: &str, model: &str, class: Class) -> Attempt {
    let told = Some(Duration::from_millis(1_366_848));
    Attempt::asked(
        Target::new(provider, model),
        Some(class),
        None,
        told,
        Duration::ZERO,
    )
}

fn sentence(attempts: Vec<Attempt>, first: usize) -> String {
    let soonest = attempts.iter().filter_map(Attempt::wait).min();
    Exhausted::new(attempts, first, soonest).to_string()
}

#[test]
fn the_sentence_for_people() {
    let groq = || limited("groq", "llama-3.3-70b-versatile", Class::RateLimited);
    let openai = |class| limited("openai", "gpt-4o", class);
    assert_eq!(
        sentence(vec![groq(), openai(Class::RateLimited)], 0),
        "Rate limit reached for groq (llama-3.3-70b-versatile). All alternatives are rate limited. \
         Try again in 22m47s."
    );
    assert_eq!(
        sentence(vec![groq()], 0),
        "Rate limit reached for groq (llama-3.3-70b-versatile). There is no alternative. \
         Try again in 22m47s."
    );
    let third = limited("anthropic", "claude", Class::Overloaded);
    let refused = Attempt::asked(
        Target::new("xai", "grok"),
        None,
        Some(Reason::CircuitOpen),
        None,
        Duration::ZERO,
    );
    assert_eq!(
        sentence(vec![openai(Class::RateLimited), third, refused, groq()], 3),
        "Rate limit reached for groq (llama-3.3-70b-versatile). The alternatives failed for several \
         reasons: 1 rate limited, 1 overloaded, 1 shut off after failures. Try again in 22m47s."
    );
    let down = Attempt::skipped(Target::new("own", "m"), Some(Class::Transport), None);
    assert_eq!(
        sentence(vec![down], 0),
        "The provider own (m) is unreachable. There is no alternative."
    );
    assert_eq!(sentence(vec![], 0), "No target is allowed for this call.");
}

#[test]
fn it_carries_the_last_response_and_what_others_understand() {
    let mut response = Response::new("as it came");
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let attempts = vec![limited("groq", "m", Class::RateLimited)];
    let wait = Duration::from_secs(7);
    let error: BoxError = Exhausted::new(attempts, 0, Some(wait))
        .with(Ok(response))
        .into();
    let rejected = Rejected::find(error.as_ref()).expect("in the chain");
    assert_eq!(rejected.reason(), Reason::NoTarget);
    assert_eq!(rejected.retry_after(), Some(wait));
    let exhausted = error.downcast_ref::<Exhausted>().expect("it is one");
    assert_eq!(exhausted.status(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(
        exhausted.take_response::<String>().is_none(),
        "another body"
    );
    let response = exhausted.take_response::<&str>().expect("there it is");
    assert_eq!(response.into_body(), "as it came");
    assert!(exhausted.take_response::<&str>().is_none(), "taken");
}

#[test]
fn it_carries_the_last_error() {
    let last: Result<Response<()>, BoxError> = Err("reset".into());
    let exhausted = Exhausted::new(Vec::new(), 0, None).with(last);
    assert_eq!(
        exhausted.last_error().map(ToString::to_string).as_deref(),
        Some("reset")
    );
}
