//! One answer of each kind.

use super::*;

/// What an answer is, how it comes, and what it tells: input, output, cached.
pub(super) type Case = (&'static str, &'static str, Vec<u8>, (u64, u64, u64));

pub(super) fn cases() -> Vec<Case> {
    let mut cases = documents();
    cases.extend(events());
    cases.extend(frames());
    cases
}

fn documents() -> Vec<Case> {
    let json = |name, body: &str, usage| (name, JSON, body.as_bytes().to_vec(), usage);
    vec![
        json(
            "chat completions",
            r#"{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Use \"usage\": {\"prompt_tokens\": 9}.","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":1117,"completion_tokens":46,"total_tokens":1163,"prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":12,"accepted_prediction_tokens":0}},"service_tier":"default"}"#,
            (1117, 46, 1024),
        ),
        json(
            "chat completions of xAI, whose thoughts are in the total only",
            r#"{"choices":[],"usage":{"prompt_tokens":279,"completion_tokens":6,"total_tokens":374,"completion_tokens_details":{"reasoning_tokens":89}}}"#,
            (279, 95, 0),
        ),
        json(
            "DeepSeek",
            r#"{"usage":{"prompt_tokens":70,"completion_tokens":9,"total_tokens":79,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":6}}"#,
            (70, 9, 64),
        ),
        json(
            "Kimi",
            r#"{"usage":{"prompt_tokens":19,"completion_tokens":21,"total_tokens":40,"cached_tokens":10}}"#,
            (19, 21, 10),
        ),
        json(
            "Groq",
            r#"{"usage":{"queue_time":0.037,"prompt_tokens":18,"prompt_time":0.0006,"completion_tokens":556,"completion_time":0.46,"total_tokens":574,"total_time":0.46},"x_groq":{"id":"req_1"}}"#,
            (18, 556, 0),
        ),
        json(
            "embeddings",
            r#"{"object":"list","data":[{"object":"embedding","embedding":[0.1,-0.2],"index":0}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#,
            (8, 0, 0),
        ),
        json(
            "embeddings with a total only",
            r#"{"usage":{"total_tokens":15}}"#,
            (15, 0, 0),
        ),
        json(
            "transcription",
            r#"{"text":"Imagine the wildest idea.","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}}"#,
            (14, 45, 0),
        ),
        json(
            "responses",
            r#"{"id":"resp_1","object":"response","text":{"format":{"type":"text"}},"output":[{"type":"message","content":[{"type":"output_text","text":"Hi."}]}],"usage":{"input_tokens":328,"input_tokens_details":{"cached_tokens":256},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":380},"user":null,"metadata":{}}"#,
            (328, 52, 256),
        ),
        json(
            "messages, with a tool whose input looks like usage",
            r#"{"id":"msg_1","type":"message","content":[{"type":"tool_use","id":"t","name":"report","input":{"usage":{"input_tokens":999999,"output_tokens":999999}}}],"stop_reason":"tool_use","usage":{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"cache_creation":{"ephemeral_5m_input_tokens":200},"output_tokens":25,"service_tier":"standard"}}"#,
            (3210, 25, 3000),
        ),
        json(
            "Gemini, printed for people",
            "{\n  \"candidates\": [\n    { \"content\": { \"parts\": [ { \"text\": \"Hi.\" } ] } }\n  ],\n  \"usageMetadata\": {\n    \"promptTokenCount\": 26,\n    \"candidatesTokenCount\": 10,\n    \"totalTokenCount\": 76,\n    \"cachedContentTokenCount\": 4,\n    \"promptTokensDetails\": [ { \"modality\": \"TEXT\", \"tokenCount\": 26 } ],\n    \"thoughtsTokenCount\": 40\n  },\n  \"modelVersion\": \"gemini-2.5-flash\"\n}",
            (26, 50, 4),
        ),
        json(
            "Gemini with a tool of its own",
            r#"{"usageMetadata":{"promptTokenCount":20,"toolUsePromptTokenCount":80,"candidatesTokenCount":30,"thoughtsTokenCount":5,"totalTokenCount":135}}"#,
            (100, 35, 0),
        ),
        json(
            "Gemini's stream as an array",
            "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"A \"}]}}],\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":2,\"totalTokenCount\":7}}\n,\r\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"B\"}]}}],\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":9,\"totalTokenCount\":14}}\n]",
            (5, 9, 0),
        ),
        json(
            "Cohere v1",
            r#"{"text":"Hello.","generation_id":"g","meta":{"api_version":{"version":"1"},"billed_units":{"input_tokens":5,"output_tokens":418}}}"#,
            (5, 418, 0),
        ),
        json(
            "Cohere v2",
            r#"{"id":"c","message":{"role":"assistant","content":[{"type":"text","text":"LLMs"}]},"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5,"output_tokens":418},"tokens":{"input_tokens":71.0,"output_tokens":420.0}}}"#,
            (71, 420, 0),
        ),
        json(
            "Converse",
            r#"{"metrics":{"latencyMs":551},"output":{"message":{"content":[{"text":"Hi"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":18,"outputTokens":386,"totalTokens":7906,"cacheReadInputTokens":0,"cacheWriteInputTokens":7502}}"#,
            (7520, 386, 0),
        ),
        json(
            "invoke",
            r#"{"completion":"Hi","stop_reason":"stop_sequence","amazon-bedrock-invocationMetrics":{"inputTokenCount":16,"outputTokenCount":337,"invocationLatency":4151}}"#,
            (16, 337, 0),
        ),
        (
            "Ollama, in lines",
            "application/x-ndjson",
            b"{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"total_duration\":4935886791,\"prompt_eval_count\":26,\"prompt_eval_duration\":130079000,\"eval_count\":298,\"eval_duration\":4799921000}\n".to_vec(),
            (26, 298, 0),
        ),
    ]
}

fn events() -> Vec<Case> {
    let events = |name, body: &str, usage| (name, EVENTS, body.as_bytes().to_vec(), usage);
    vec![
        events(
            "chat completions",
            "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":null}\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi \\\"you\\\"\"}}],\"usage\":null}\n\ndata: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}\n\ndata: [DONE]\n\n",
            (9, 3, 0),
        ),
        events(
            "Groq's own place",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"id\":\"req_1\",\"usage\":{\"prompt_tokens\":17,\"completion_tokens\":5,\"total_tokens\":22}}}\n\ndata: [DONE]\n\n",
            (17, 5, 0),
        ),
        events(
            "responses",
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"tools\":[{\"parameters\":{\"properties\":{\"usage\":{\"type\":\"object\"}}}}],\"usage\":null}}\n\nevent: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"In\",\"obfuscation\":\"x8Jk\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"content\":[{\"type\":\"output_text\",\"text\":\"In\"}]}],\"usage\":{\"input_tokens\":37,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":11,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":48}}}\n\n",
            (37, 11, 0),
        ),
        events(
            "messages",
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":5,\"output_tokens\":1}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello there, this is long\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}\n\n",
            (130, 15, 100),
        ),
        events(
            "messages of others, who tell the prompt at the end",
            "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"input_tokens\":40,\"cache_read_input_tokens\":8,\"output_tokens\":7}}\n\n",
            (48, 7, 8),
        ),
        events(
            "messages that count the prompt as nothing at the end",
            "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":40,\"output_tokens\":1}}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"input_tokens\":0,\"output_tokens\":7}}\n\n",
            (40, 7, 0),
        ),
        events(
            "Gemini",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"A\"}]}}],\"usageMetadata\":{\"promptTokenCount\":11,\"totalTokenCount\":11}}\r\n\r\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"B\"}]}}],\"usageMetadata\":{\"promptTokenCount\":11,\"candidatesTokenCount\":9,\"totalTokenCount\":20}}\r\n\r\n",
            (11, 9, 0),
        ),
        events(
            "Cohere v2",
            "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\",\"usage\":{\"billed_units\":{\"input_tokens\":3,\"output_tokens\":8},\"tokens\":{\"input_tokens\":69,\"output_tokens\":9},\"cached_tokens\":64}}}\n\n",
            (69, 9, 0),
        ),
    ]
}

fn frames() -> Vec<Case> {
    let converse = [
        frame(r#"{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abcd"}"#),
        frame(
            r#"{"metrics":{"latencyMs":1},"p":"ab","usage":{"inputTokens":12,"outputTokens":4,"totalTokens":16}}"#,
        ),
    ];
    let invoke = [
        encoded(
            r#"{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}"#,
        ),
        encoded(r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello."}}"#),
        encoded(
            r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":16,"outputTokenCount":337,"invocationLatency":4151,"firstByteLatency":136,"cacheReadInputTokenCount":30}}"#,
        ),
    ];
    vec![
        ("Converse", FRAMES, converse.concat(), (12, 4, 0)),
        ("invoke", FRAMES, invoke.concat(), (46, 337, 30)),
    ]
}

#[test]
fn every_provider_is_read() {
    for (name, form, body, (input, output, cached)) in cases() {
        let expected = Usage::new(input, output).with_cached(cached);
        assert_eq!(told(form, &body), Some(expected), "{name} ({form})");
    }
}

#[test]
fn bedrock_tells_in_headers() {
    let mut headers = headers(JSON);
    headers.insert("x-amzn-bedrock-input-token-count", 13.into());
    headers.insert("x-amzn-bedrock-output-token-count", 256.into());
    headers.insert("x-amzn-bedrock-invocation-latency", 999.into());
    let mut reader = UsageReader::new(&headers);
    assert_eq!(reader.told(), Some(Usage::new(13, 256)));
    reader.read(br#"{"generation":"Hi","stop_reason":"stop"}"#);
    assert_eq!(settled(&reader), (13, 256));
}
