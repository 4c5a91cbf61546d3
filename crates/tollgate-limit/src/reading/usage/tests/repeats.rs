//! Streams that say the same text more than once, and break before they tell their usage.

use super::*;

const TEXT: &str = "Forty letters of text, no more, no less.";

fn settles_as_once(events: &[&str]) {
    let events = events.iter().map(|event| {
        serde_json::from_str::<serde_json::Value>(&event.replace("TEXT", TEXT)).expect(event);
        format!("data: {}\n\n", event.replace("TEXT", TEXT))
    });
    let body: String = events.collect();
    for length in [1, 50, usize::MAX] {
        let reader = read(EVENTS, body.as_bytes(), length);
        assert_eq!(reader.told(), None);
        assert_eq!(settled(&reader), (1_000, 10), "{body}");
    }
}

#[test]
fn responses_repeat_at_the_end_of_each_part_and_item() {
    settles_as_once(&[
        r#"{"type":"response.created","response":{"text":{"format":{"type":"text"}},"output":[],"usage":null}}"#,
        r#"{"type":"response.output_item.added","item":{"content":[]}}"#,
        r#"{"type":"response.content_part.added","part":{"type":"output_text","text":""}}"#,
        r#"{"type":"response.output_text.delta","delta":"TEXT"}"#,
        r#"{"type":"response.output_text.done","text":"TEXT"}"#,
        r#"{"type":"response.content_part.done","part":{"type":"output_text","text":"TEXT"}}"#,
        r#"{"type":"response.output_item.done","item":{"content":[{"type":"output_text","text":"TEXT"}]}}"#,
        r#"{"type":"response.incomplete","response":{"output":[{"content":[{"text":"TEXT"}]}],"usage":null}}"#,
    ]);
}

#[test]
fn responses_repeat_the_arguments_of_calls() {
    settles_as_once(&[
        r#"{"type":"response.function_call_arguments.delta","delta":"TEXT"}"#,
        r#"{"type":"response.function_call_arguments.done","arguments":"TEXT"}"#,
        r#"{"type":"response.output_item.done","item":{"type":"function_call","arguments":"TEXT"}}"#,
    ]);
}

#[test]
fn perplexity_repeats_all_that_came_with_each_piece() {
    settles_as_once(&[
        r#"{"choices":[{"message":{"content":"Forty letters"},"delta":{"content":"Forty letters"}}]}"#,
        r#"{"choices":[{"delta":{"content":" of text, no more"},"message":{"content":"Forty letters of text, no more"}}]}"#,
        r#"{"choices":[{"message":{"content":"TEXT"},"delta":{"content":", no less."}}]}"#,
    ]);
}

#[test]
fn openrouter_tells_thoughts_twice() {
    settles_as_once(&[
        r#"{"choices":[{"delta":{"content":"","reasoning":"TEXT","reasoning_details":[{"type":"reasoning.text","text":"TEXT"}]}}]}"#,
    ]);
}

#[test]
fn what_adds_nothing_counts_all_that_it_says() {
    settles_as_once(&[
        r#"{"candidates":[{"content":{"parts":[{"text":"Forty letters of text"}]}}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":", no more, no less."}]}}]}"#,
    ]);
    // What a model writes adds nothing to a stream.
    let call = format!(r#"{{"content":[{{"text":"{TEXT}","input":{{"delta":"x"}}}}]}}"#);
    assert_eq!(settled(&read(JSON, call.as_bytes(), 9)), (1_000, 10));
}
