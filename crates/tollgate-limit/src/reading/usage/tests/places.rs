//! Usage counts only where its provider puts it, before or after whatever looks like it.

use super::*;

/// What looks like usage, in places that are none: what a model or a user wrote.
const LOOKALIKES: [&str; 12] = [
    r#""content":[{"type":"tool_use","name":"t","input":{"usage":{"input_tokens":999,"output_tokens":999}}}]"#,
    r#""content":[{"type":"tool_use","input":{"message":{"usage":{"input_tokens":999,"output_tokens":999}}}}]"#,
    r#""output":{"message":{"content":[{"toolUse":{"input":{"usage":{"inputTokens":999,"outputTokens":999}}}}]}}"#,
    r#""candidates":[{"content":{"parts":[{"functionCall":{"args":{"usageMetadata":{"promptTokenCount":999}}}}]}}]"#,
    r#""choices":[{"message":{"tool_calls":[{"function":{"arguments":{"usage":{"prompt_tokens":999}}}}]}}]"#,
    r#""choices":[{"message":{"content":"x","usage":{"prompt_tokens":999,"completion_tokens":999}}}]"#,
    r#""output":[{"content":[{"type":"output_text","text":"{\"usage\":{\"prompt_tokens\":999}}"}]}]"#,
    r#""metadata":{"usage":{"prompt_tokens":999},"prompt_eval_count":999,"eval_count":999}"#,
    r#""tools":[{"parameters":{"properties":{"usage":{"prompt_tokens":999}}}}]"#,
    r#""message":{"content":"","tool_calls":[{"function":{"arguments":{"eval_count":999,"prompt_eval_count":999}}}]}"#,
    r#""documents":[{"meta":{"billed_units":{"input_tokens":999,"output_tokens":999}}}]"#,
    r#""note":["usage",{"usage":{"prompt_tokens":999}}],"usage ":{"prompt_tokens":999}"#,
];

/// The true ones, each in its place.
const PLACES: [&str; 12] = [
    r#""usage":{"prompt_tokens":7,"completion_tokens":3}"#,
    r#""usage":{"input_tokens":7,"output_tokens":3}"#,
    r#""message":{"usage":{"input_tokens":7,"output_tokens":3}}"#,
    r#""response":{"usage":{"input_tokens":7,"output_tokens":3}}"#,
    r#""delta":{"usage":{"tokens":{"input_tokens":7,"output_tokens":3}}}"#,
    r#""x_groq":{"usage":{"prompt_tokens":7,"completion_tokens":3}}"#,
    r#""result":{"usage":{"prompt_tokens":7,"completion_tokens":3}}"#,
    r#""choices":[{"delta":{}},{"delta":{"content":""},"usage":{"prompt_tokens":7,"completion_tokens":3}}]"#,
    r#""usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3}"#,
    r#""response":{"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3}}"#,
    r#""meta":{"billed_units":{"input_tokens":7,"output_tokens":3}}"#,
    r#""prompt_eval_count":7,"eval_count":3"#,
];

#[test]
fn usage_counts_in_its_place_only() {
    for lookalike in LOOKALIKES {
        for body in [format!("{{{lookalike}}}"), format!("[{{{lookalike}}}]")] {
            serde_json::from_str::<serde_json::Value>(&body).expect(&body);
            assert_eq!(told(JSON, body.as_bytes()), None, "{body}");
        }
    }
    for place in PLACES {
        for lookalike in LOOKALIKES {
            for body in [
                format!("{{{place},{lookalike}}}"),
                format!("{{{lookalike},{place}}}"),
                format!("[{{{lookalike}}},{{{place}}}]"),
            ] {
                let event = format!("event: x\ndata: {body}\n\n");
                for (form, body) in [(EVENTS, &event), (FRAMES, &body)] {
                    assert_eq!(
                        told(form, body.as_bytes()),
                        Some(Usage::new(7, 3)),
                        "{form} {body}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_event_that_was_cut_anywhere_does_not_hide_the_next() {
    let event = r#"data: {"choices":[{"delta":{"content":"a","usage":{"n":[1,{"a":2}]}}}],"usage":{"prompt_tokens":5}}"#;
    let next = "\n\ndata: {\"usage\":{\"prompt_tokens\":9}}\n\n";
    for cut in 0..event.len() {
        let body = format!("{}{next}", &event[..cut]);
        assert_eq!(
            told(EVENTS, body.as_bytes()),
            Some(Usage::new(9, 0)),
            "{body}"
        );
    }
}

#[test]
fn binary_between_frames_hides_nothing() {
    let payload = r#"{"usage":{"inputTokens":9,"outputTokens":4}}"#;
    for noise in [
        &b"{"[..],
        b"[",
        b"{[{",
        b"}]",
        b"\"",
        b"{\xff",
        b"\xff{\x01",
    ] {
        let mut body = frame(r#"{"delta":{"text":"Hi"}}"#);
        body.extend_from_slice(noise);
        body.extend(frame(payload));
        for length in [1, 7, usize::MAX] {
            let told = read(FRAMES, &body, length).told();
            assert_eq!(told, Some(Usage::new(9, 4)), "{noise:?}");
        }
    }
}
