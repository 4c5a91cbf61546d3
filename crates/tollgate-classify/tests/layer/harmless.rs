//! Ordinary successes stay successes, and are not delayed, whatever they look like.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tollgate_classify::{ClassifyLayer, PeekBody};
use tollgate_core::{Class, Classification, Note, StreamReport};
use tower::{Layer, ServiceExt};

use crate::support::*;

fn full(text: &[u8]) -> Full<Bytes> {
    Full::new(Bytes::copy_from_slice(text))
}

async fn asked<R>(method: Method, uri: &str, head: Head<'_>, body: R) -> Response<PeekBody<R>>
where
    R: Body<Data = Bytes> + Unpin,
{
    let mut response = Some(response(head, body));
    let inner = tower::service_fn(|_: Request<()>| {
        std::future::ready(Ok::<_, std::io::Error>(response.take().expect("once")))
    });
    let request = Request::builder().method(method).uri(uri).body(());
    let service = ClassifyLayer::new().layer(inner);
    service
        .oneshot(request.expect("a request"))
        .await
        .expect("ok")
}

fn class<R>(answer: &Response<R>) -> Option<(Class, String)> {
    let seen = Note::of(answer).and_then(Note::classification)?;
    Some((seen.class(), seen.evidence().to_owned()))
}

const OPENAI: &str = "https://api.openai.com/v1/x";

/// MCP answers notifications so; batch and webhook endpoints too.
#[tokio::test]
async fn accepted_without_a_body() {
    for status in [201, 202] {
        let head = (
            status,
            &[
                ("content-type", "application/json"),
                ("content-length", "0"),
            ][..],
        );
        let answer = asked(Method::POST, OPENAI, head, full(b"")).await;
        assert_eq!(class(&answer), None, "{status}");
    }
}

/// Ollama's `POST /api/copy`, vLLM's `POST /wake_up`, OpenAI's `POST /realtime/calls/{id}/hangup`.
#[tokio::test]
async fn ok_without_a_body() {
    for uri in [
        "http://localhost:11434/api/copy",
        "http://localhost:8000/wake_up",
        "https://api.openai.com/v1/realtime/calls/rtc_1/hangup",
    ] {
        let head = (200, &[("content-length", "0")][..]);
        let answer = asked(Method::POST, uri, head, full(b"")).await;
        assert_eq!(class(&answer), None, "{uri}");
    }
}

const FAILED_JOBS: [(&str, &str); 5] = [
    (
        "https://api.openai.com/v1/responses/resp_1",
        r#"{"id":"resp_1","object":"response","created_at":1,"status":"failed","background":true,"error":{"code":"server_error","message":"An error occurred"},"output":[]}"#,
    ),
    (
        "https://api.openai.com/v1/fine_tuning/jobs/ftjob-1",
        r#"{"object":"fine_tuning.job","id":"ftjob-1","model":"gpt-4o-mini","status":"failed","error":{"code":"exceeded_quota","message":"Creating this fine-tuning job would exceed your hard limit","param":null}}"#,
    ),
    (
        "https://api.openai.com/v1/videos/video_1",
        r#"{"id":"video_1","object":"video","status":"failed","error":{"code":"moderation_blocked","message":"Your request was blocked"}}"#,
    ),
    (
        "https://api.replicate.com/v1/predictions/p1",
        r#"{"id":"p1","model":"m","status":"failed","error":"Prediction interrupted; please retry","output":null}"#,
    ),
    (
        "https://api.assemblyai.com/v2/transcript/t1",
        r#"{"id":"t1","status":"error","error":"File does not appear to contain audio"}"#,
    ),
];

/// The GET was answered; what failed is another call, of long ago.
#[tokio::test]
async fn the_error_of_a_job_is_not_that_of_the_call_that_asks_for_it() {
    for (uri, body) in FAILED_JOBS {
        let answer = asked(Method::GET, uri, JSON, full(body.as_bytes())).await;
        assert_eq!(class(&answer), None, "{uri}");
    }
}

/// The error file of a batch: one line for each request that failed.
#[tokio::test]
async fn a_downloaded_file_of_lines_is_no_stream() {
    let good =
        r#"{"id":"b_0","custom_id":"0","response":{"status_code":200,"body":{}},"error":null}"#;
    let bad = r#"{"id":"b_1","custom_id":"1","response":null,"error":{"code":"batch_expired","message":"This request could not be executed before the completion window expired."}}"#;
    let head = (200, &[("content-type", "application/jsonl")][..]);
    let uri = "https://api.openai.com/v1/files/file-1/content";
    for text in [format!("{bad}\n"), format!("{good}\n{bad}\n")] {
        let answer = asked(Method::GET, uri, head, full(text.as_bytes())).await;
        let first = class(&answer);
        let report = Note::of(&answer).and_then(Note::stream).cloned();
        drain(answer.into_body()).await;
        let late = report.and_then(|it| it.error().map(Classification::class));
        assert_eq!((first, late), (None, None), "{text}");
    }
}

/// An answer of JSON-RPC (MCP) says what the caller did wrong.
#[tokio::test]
async fn an_error_of_json_rpc_is_no_fault_of_the_provider() {
    let text = br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params"}}"#;
    let answer = asked(
        Method::POST,
        "https://mcp.example.com/mcp",
        JSON,
        full(text),
    )
    .await;
    let seen = class(&answer);
    assert!(
        seen.as_ref()
            .is_none_or(|(class, _)| *class == Class::InvalidRequest),
        "{seen:?}"
    );
}

/// MCP's 2025-11 transport: an event with an id and no data, then the server closes; the client resumes.
#[tokio::test]
async fn a_stream_that_may_be_resumed_needs_no_event() {
    let answer = asked(
        Method::POST,
        "https://mcp.example.com/mcp",
        SSE,
        full(b"id: 1\nretry: 3000\ndata: \n\n"),
    )
    .await;
    assert_eq!(class(&answer), None);
}

/// Chunks that have `message` or `messages` where others have `delta` (an older interface of `MiniMax`, proxies).
#[tokio::test(start_paused = true)]
async fn chunks_with_a_message_are_no_openings() {
    for chunk in [
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":null}]}"#,
        r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}]}"#,
        r#"{"created":1,"model":"abab","reply":"","choices":[{"messages":[{"sender_type":"BOT","text":"Hi"}]}]}"#,
    ] {
        let event = format!("data: {chunk}\n\n");
        let (body, _) = Script::new([says(&event), Step::Hang]);
        let start = tokio::time::Instant::now();
        drop(asked(Method::POST, OPENAI, SSE, body).await);
        assert_eq!(
            start.elapsed(),
            std::time::Duration::ZERO,
            "held back: {chunk}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn blanks_are_a_fault_in_every_framing() {
    let blank = [b' '; 600];
    let one = asked(Method::POST, OPENAI, JSON, full(&blank)).await;
    let (body, _) = Script::new(
        blank
            .chunks(300)
            .map(Bytes::copy_from_slice)
            .map(Step::Data),
    );
    let two = asked(Method::POST, OPENAI, JSON, body).await;
    assert_eq!(class(&one), class(&two));
}

async fn report_of(head: Head<'_>, steps: Vec<Step>) -> StreamReport {
    let (body, _) = Script::new(steps);
    let answer = asked(Method::POST, OPENAI, head, body).await;
    let report = Note::of(&answer)
        .and_then(Note::stream)
        .expect("a stream")
        .clone();
    drain(answer.into_body()).await;
    report
}

const HI: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";

#[tokio::test]
async fn late_errors_of_every_form_are_seen() {
    let mut missed = Vec::new();
    for event in [
        // MiniMax.
        r#"data: {"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#,
        // Qianfan.
        r#"data: {"error_code":336100,"error_msg":"try again"}"#,
        // Hunyuan.
        r#"data: {"Response":{"Error":{"Code":"LimitExceeded","Message":"no"},"RequestId":"x"}}"#,
        // Bedrock in JSON.
        r#"data: {"throttlingException":{"message":"Too many requests"}}"#,
        // An error without an envelope.
        r#"data: {"code":429,"message":"Too many requests"}"#,
    ] {
        let first = asked(
            Method::POST,
            OPENAI,
            SSE,
            full(format!("{event}\n\n").as_bytes()),
        )
        .await;
        assert!(
            class(&first).is_some(),
            "as the first event it is one: {event}"
        );
        let report = report_of(SSE, vec![says(HI), says(&format!("{event}\n\n"))]).await;
        if report.error().is_none() {
            missed.push(event);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Trailers are the last of a body: nobody asks for more after them.
#[tokio::test]
async fn an_error_without_a_blank_line_before_trailers() {
    use http_body_util::BodyExt;
    let (body, _) = Script::new([
        says(HI),
        says("data: {\"error\":{\"message\":\"no\"}}\n"),
        Step::Trailers,
    ]);
    let answer = asked(Method::POST, OPENAI, SSE, body).await;
    let report = Note::of(&answer)
        .and_then(Note::stream)
        .expect("a stream")
        .clone();
    let mut body = answer.into_body();
    loop {
        let frame = body.frame().await.expect("a frame").expect("a good one");
        if frame.is_trailers() {
            break;
        }
    }
    assert!(report.error().is_some());
}

#[tokio::test]
async fn text_in_an_aws_stream_that_is_not_held_in_every_framing() {
    let layer = ClassifyLayer::builder().hold(None).build().expect("good");
    let text = br#"{"error":{"message":"Too many requests"}}"#;
    let mut seen = Vec::new();
    for size in [1, 10, 1_000] {
        let head = [("content-type", "application/vnd.amazon.eventstream")];
        let (body, _) = Script::new(
            text.chunks(size)
                .map(Bytes::copy_from_slice)
                .map(Step::Data),
        );
        let answer = through_layer(&layer, (200, &head), body).await;
        let report = Note::of(&answer)
            .and_then(Note::stream)
            .expect("a stream")
            .clone();
        drain(answer.into_body()).await;
        seen.push((report.events(), report.error().is_some()));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");
}

const SUCCESSES: [&str; 18] = [
    r#"{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"{\"error\": \"x\", \"message\": \"rate limit\"}","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"error\":\"Rate limit exceeded\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"total_tokens":1}}"#,
    r#"{"id":"resp_1","object":"response","status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"mcp_call","error":"Tool failed: 429","name":"x"}]}"#,
    r#"{"id":"c","model":"gpt-4o","prompt_filter_results":[{"prompt_index":0,"content_filter_result":{"error":{"code":"content_filter_error","message":"The contents are not filtered"}}}],"choices":[{"index":0,"content_filter_results":{"error":{"code":"content_filter_error","message":"The contents are not filtered"}},"finish_reason":"stop","message":{"content":"Hi"}}]}"#,
    r#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"error":{"code":429,"message":"Rate limit exceeded"},"status":"error"}}],"stop_reason":"tool_use"}"#,
    r#"{"content":[{"type":"text","text":"an error"}],"type":"message"}"#,
    r#"{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"error":{"code":429,"message":"RESOURCE_EXHAUSTED"}}}}]},"finishReason":"STOP"}]}"#,
    r#"[{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"error":"x"}}}]}}]},{"candidates":[]}]"#,
    r#"{"model":"llama3","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"error":"Rate limit exceeded","code":429}}}]},"done":true}"#,
    r#"{"message":{"role":"assistant","content":"Too many requests"},"done":true}"#,
    r#"{"message":"Model unloaded successfully"}"#,
    r#"{"status":"ok"}"#,
    r#"{"status":"success"}"#,
    r#"{"code":0,"msg":"success","data":{"text":"rate limit"}}"#,
    r#"{"code":200,"msg":"ok","result":{"x":1}}"#,
    r#"{"code":"Success","message":"ok","request_id":"r"}"#,
    r#"{"object":"fine_tuning.job","id":"ftjob","error":{"code":null,"message":null,"param":null},"status":"running"}"#,
    r#"{"base_resp":{"status_code":0,"status_msg":"success"},"vectors":[]}"#,
    r#"{"id":"batch_1","object":"batch","errors":{"object":"list","data":[{"code":"invalid_json_line","message":"no"}]},"status":"failed"}"#,
];

#[tokio::test(start_paused = true)]
async fn successes_pass_wherever_they_are_cut_and_with_any_blanks_before() {
    let mut wrong = Vec::new();
    for text in SUCCESSES {
        for before in ["", "\u{feff}", "\n\n\n", "  \r\n"] {
            let text = format!("{before}{text}");
            for uri in [
                OPENAI,
                "https://openrouter.ai/api/v1/chat",
                "http://localhost/x",
                "https://api.minimax.io/v1",
            ] {
                for size in [1, 7, 100, 100_000] {
                    let (body, _) = Script::new(
                        text.as_bytes()
                            .chunks(size)
                            .map(Bytes::copy_from_slice)
                            .map(Step::Data),
                    );
                    let answer = asked(Method::POST, uri, JSON, body).await;
                    if let Some(seen) = class(&answer) {
                        wrong.push(format!("{uri} by {size}: {seen:?} {text}"));
                    }
                }
                // Cut by the time limit, and by a server that lies about its type.
                for cut in (before.len() + 1)..text.len() {
                    let part = &text.as_bytes()[..cut];
                    let (body, _) =
                        Script::new([Step::Data(Bytes::copy_from_slice(part)), Step::Hang]);
                    let answer = asked(Method::POST, uri, JSON, body).await;
                    if let Some(seen) = class(&answer) {
                        wrong.push(format!(
                            "{uri} cut at {cut}: {seen:?} {}",
                            String::from_utf8_lossy(part)
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(12)]
    );
}

#[tokio::test(start_paused = true)]
async fn events_of_successes_are_no_errors_wherever_they_are_cut() {
    let mut wrong = Vec::new();
    for text in SUCCESSES {
        let event = format!("event: x\ndata: {text}");
        for cut in 1..event.len() {
            let part = &event.as_bytes()[..cut];
            let (body, _) = Script::new([Step::Data(Bytes::copy_from_slice(part)), Step::Hang]);
            let answer = asked(Method::POST, OPENAI, SSE, body).await;
            if let Some(seen) = class(&answer) {
                wrong.push(format!(
                    "cut at {cut}: {seen:?} {}",
                    String::from_utf8_lossy(part)
                ));
            }
        }
        for late in [format!("{event}\n\n"), event] {
            let report = report_of(SSE, vec![says(HI), says(&late)]).await;
            if let Some(error) = report.error() {
                wrong.push(format!("late: {error:?} {late}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(12)]
    );
}

fn random(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).expect("31 bits")
}

/// What is seen of a stream: of its start, then of its events; and its bytes.
async fn seen(
    head: Head<'_>,
    parts: Vec<Bytes>,
) -> (Option<(Class, String)>, Option<(u64, Option<Class>)>) {
    let whole: Vec<u8> = parts.concat();
    let (body, _) = Script::new(parts.into_iter().map(Step::Data));
    let answer = asked(Method::POST, OPENAI, head, body).await;
    let first = class(&answer);
    let report = Note::of(&answer).and_then(Note::stream).cloned();
    let mut got = Vec::new();
    for piece in drain(answer.into_body()).await {
        match piece {
            Piece::Data(data) => got.extend_from_slice(&data),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(got, whole);
    let late = report.map(|it| (it.events(), it.error().map(Classification::class)));
    (first, late)
}

#[tokio::test(start_paused = true)]
async fn the_framing_changes_nothing() {
    const WORDS: [&str; 22] = [
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}",
        "data: {\"error\":{\"code\":429}}",
        "event: error",
        "event: ping",
        "event: message_start",
        "data: {\"type\":\"ping\"}",
        ": c",
        "\n",
        "\n",
        "\n\n",
        "\n\n",
        "\r",
        "\r\n",
        "\r\r",
        "\r\n\r\n",
        "\u{feff}",
        "data:",
        "{\"error\":1}",
        "id: 1",
        "data: {",
        "}",
    ];
    let mut state = 7;
    for round in 0..1_500 {
        let words = 1 + random(&mut state) % 12;
        let text: String = (0..words)
            .map(|_| WORDS[random(&mut state) % WORDS.len()])
            .collect();
        let mut all = Vec::new();
        for kind in 0..5 {
            let mut parts = Vec::new();
            let mut rest = text.as_bytes();
            while !rest.is_empty() {
                let size = match kind {
                    0 => rest.len(),
                    1 => 1,
                    2 => 2,
                    _ => 1 + random(&mut state) % 20,
                };
                let (part, more) = rest.split_at(size.min(rest.len()));
                parts.push(Bytes::copy_from_slice(part));
                rest = more;
            }
            all.push(seen(SSE, parts).await);
        }
        assert!(
            all.windows(2).all(|two| two[0] == two[1]),
            "{round}: {text:?} {all:#?}"
        );
    }
}

/// Events of 64 KiB, each with the word, in tiny frames; and 60 KiB of openings and comments, byte by byte.
#[tokio::test(start_paused = true)]
async fn long_events_in_tiny_frames() {
    let event = format!(
        "data: {{\"x\":\"{}\",\"error\":null}}\n\n",
        "y".repeat(60_000)
    );
    let text = format!("{HI}{}", event.repeat(10));
    let parts = text.as_bytes().chunks(3).map(Bytes::copy_from_slice);
    let (_, late) = seen(SSE, parts.collect()).await;
    assert_eq!(late, Some((11, None)));
    let opening = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    let text = format!("{}{}", opening.repeat(31), ": x\n\n".repeat(12_000));
    let parts = text.bytes().map(|byte| Bytes::copy_from_slice(&[byte]));
    let (first, _) = seen(SSE, parts.collect()).await;
    let class = first.map(|(class, _)| class);
    assert_eq!(
        class,
        Some(Class::ServerError),
        "openings and comments only"
    );
}

/// Names, comments, lines and frames of other kinds of streams.
#[tokio::test(start_paused = true)]
async fn the_framing_of_lines_changes_nothing() {
    const WORDS: [&str; 9] = [
        "{\"a\":1}",
        "{\"error\":\"overloaded\"}",
        "{\"error\":null}",
        "\n",
        "\n",
        "\r\n",
        " ",
        "[1]",
        "{",
    ];
    let head = (200, &[("content-type", "application/x-ndjson")][..]);
    let mut state = 11;
    for round in 0..500 {
        let words = 1 + random(&mut state) % 10;
        let text: String = (0..words)
            .map(|_| WORDS[random(&mut state) % WORDS.len()])
            .collect();
        let mut all = Vec::new();
        for size in [1, 2, 3, 7, 1_000] {
            let parts = text.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            all.push(seen(head, parts.collect()).await);
        }
        assert!(
            all.windows(2).all(|two| two[0] == two[1]),
            "{round}: {text:?} {all:#?}"
        );
    }
}

/// The same for JSON: the same bytes are the same success.
#[tokio::test(start_paused = true)]
async fn the_framing_of_json_changes_nothing() {
    const WORDS: [&str; 16] = [
        "{",
        "}",
        "[",
        "]",
        "\"error\"",
        ":",
        ",",
        "\"message\"",
        "\"x\"",
        "null",
        "429",
        "\"code\"",
        "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}",
        " ",
        "\n",
        "\u{feff}",
    ];
    let mut state = 13;
    let mut wrong = Vec::new();
    for _ in 0..3_000 {
        let words = 1 + random(&mut state) % 12;
        let mut text: String = (0..words)
            .map(|_| WORDS[random(&mut state) % WORDS.len()])
            .collect();
        if random(&mut state) % 4 == 0 {
            text = format!(
                "{{\"id\":\"{}\",{text}",
                "x".repeat(400 + random(&mut state) % 150)
            );
        }
        let mut all = Vec::new();
        for size in [1, 7, 100, 10_000] {
            let parts = text.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            all.push(seen(JSON, parts.collect()).await);
        }
        let whole = asked(Method::POST, OPENAI, JSON, full(text.as_bytes())).await;
        all.push((class(&whole), None));
        if !all.windows(2).all(|two| two[0] == two[1]) {
            wrong.push(format!("{text:?} {all:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(5)]
    );
}

/// Many small events, in one frame, each with the word.
#[tokio::test(start_paused = true)]
async fn many_events_in_a_frame() {
    let event = "data: {\"error\":null,\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    let text = format!("{HI}{}", event.repeat(10_000));
    let (_, late) = seen(SSE, vec![Bytes::from(text)]).await;
    assert_eq!(late, Some((10_001, None)));
}
