//! What goes wrong when it was told to.

use super::*;

#[tokio::test(start_paused = true)]
async fn faults_that_answer_use_up_no_quota() {
    let canned = Answer::text(http::StatusCode::IM_A_TEAPOT, "short and stout");
    let provider = Provider::builder(Dialect::Anthropic)
        .quota(Quota::fixed(Kind::Requests, 1, SECOND * 60))
        .script([
            Fault::status(529),
            Fault::answer(canned),
            Fault::giant(100_000),
        ])
        .fault(Fault::reset_before_headers().call(4))
        .build();
    let overloaded = call(&provider, &plain()).await.expect("an answer");
    assert_eq!(overloaded.status(), 529);
    assert!(text(overloaded).await.contains("overloaded_error"));
    assert_eq!(
        text(call(&provider, &plain()).await.expect("an answer")).await,
        "short and stout"
    );
    let giant = call(&provider, &plain()).await.expect("an answer");
    assert_eq!(
        (giant.status().as_u16(), text(giant).await.len()),
        (500, 100_000)
    );
    let error = call(&provider, &plain()).await.expect_err("a reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(Class::of_error(&error), Some(Class::Transport));
    assert_eq!(status(&provider).await, 200);
    assert_eq!(status(&provider).await, 429);
    let stats = provider.stats();
    assert_eq!((stats.calls, stats.faults, stats.in_flight), (6, 4, 0));
    let statuses: Vec<_> = provider
        .log()
        .iter()
        .map(|it| it.status().map(|it| it.as_u16()))
        .collect();
    assert_eq!(
        statuses,
        [Some(529), Some(418), Some(500), None, Some(200), Some(429)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_hang_never_answers() {
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::hang())
        .build();
    let day = SECOND * 86_400;
    let call = tokio::spawn({
        let provider = provider.clone();
        async move { timeout(day, call(&provider, &plain())).await.is_err() }
    });
    sleep(SECOND).await;
    assert_eq!(
        (provider.stats().hanging, provider.stats().in_flight),
        (1, 1)
    );
    assert!(call.await.expect("no panic"), "it answered");
    assert_eq!(
        (provider.stats().hanging, provider.stats().in_flight),
        (0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn bodies_break_as_told() {
    let provider = Provider::builder(Dialect::Groq)
        .script([
            Fault::reset_after_headers(),
            Fault::cut(10),
            Fault::stall(10),
            Fault::drip(100, SECOND),
            Fault::delay(SECOND * 5),
        ])
        .build();
    let kind = |error: io::Error| error.kind();
    let reset = call(&provider, &plain()).await.expect("a head");
    assert_eq!(reset.status(), 200);
    let error = reset.into_body().collect().await.expect_err("a reset");
    assert_eq!(kind(error), io::ErrorKind::ConnectionReset);

    let mut cut = call(&provider, &plain()).await.expect("a head").into_body();
    let first = cut.frame().await.expect("a frame").expect("no error");
    assert_eq!(first.data_ref().map(Bytes::len), Some(10));
    let error = cut.frame().await.expect("a frame").expect_err("a cut");
    assert_eq!(kind(error), io::ErrorKind::UnexpectedEof);

    let stalled = call(&provider, &plain()).await.expect("a head").into_body();
    assert!(timeout(SECOND * 3_600, stalled.collect()).await.is_err());
    assert_eq!(provider.stats().in_flight, 0);

    let start = Instant::now();
    let slow = call(&provider, &plain()).await.expect("a head");
    let length: usize = slow.headers()["content-length"]
        .to_str()
        .expect("text")
        .parse()
        .expect("a number");
    assert_eq!(text(slow).await.len(), length);
    assert_eq!(
        start.elapsed(),
        SECOND * u32::try_from(length.div_ceil(100)).expect("short")
    );

    let start = Instant::now();
    assert_eq!(status(&provider).await, 200);
    assert_eq!(start.elapsed(), SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn faults_strike_where_they_were_told_to() {
    let provider = Provider::builder(Dialect::Plain)
        .fault(Fault::none().model("spared"))
        .fault(Fault::status(500).during(SECOND * 10..SECOND * 20))
        .fault(Fault::status(501).every(3))
        .fault(Fault::status(502).first(1))
        .fault(Fault::status(504).streams())
        .fault(Fault::status(505).when(|asked| asked.max_tokens() == Some(7)))
        .build();
    let code = async |body: Value| {
        call(&provider, &body)
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(code(plain()).await, 502);
    assert_eq!(code(plain()).await, 200);
    assert_eq!(code(plain()).await, 501);
    assert_eq!(code(stream()).await, 504);
    assert_eq!(code(json!({ "max_tokens": 7 })).await, 505);
    assert_eq!(code(json!({ "model": "spared" })).await, 200);
    advance(SECOND * 10).await;
    assert_eq!(code(plain()).await, 500);
    assert_eq!(code(json!({ "model": "spared" })).await, 200);
    advance(SECOND * 10).await;
    assert_eq!(code(plain()).await, 501, "the ninth");
    assert_eq!(code(plain()).await, 200);
    assert_eq!(provider.stats().faults, 6, "to be spared is no fault");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_closure_ends_the_call() {
    let provider = Provider::builder(Dialect::Groq)
        .quota(Quota::concurrency(1))
        .edit(|asked, answer| {
            assert_ne!(asked.model(), "cursed");
            answer
        })
        .build();
    let cursed = tokio::spawn({
        let provider = provider.clone();
        async move { call(&provider, &json!({ "model": "cursed" })).await }
    });
    assert!(cursed.await.expect_err("a panic").is_panic());
    assert_eq!(provider.stats().in_flight, 0);
    assert_eq!(status(&provider).await, 200);
}

#[tokio::test]
async fn it_takes_any_body_and_fails_with_it() {
    let provider = Provider::new(Dialect::Plain);
    let service = service_fn(|request: Request<String>| provider.service().oneshot(request));
    let request = Request::new(r#"{"model":"m"}"#.to_owned());
    service.oneshot(request).await.expect("an answer");
    assert_eq!(provider.log()[0].model(), "m");

    let broken =
        crate::KitBody::steps([crate::body::Step::Fail(io::ErrorKind::Other, "no more")].into());
    let error = provider
        .service()
        .oneshot(Request::new(broken))
        .await
        .expect_err("an error");
    assert_eq!(error.to_string(), "no more");
    assert_eq!(provider.stats().calls, 1, "it never arrived");
}
