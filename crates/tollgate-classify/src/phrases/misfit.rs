//! Finds out whether another model may take a call that this one refuses.

/// The text says that the call is wrong for this model only: by its length, by the model's name, or
/// because this key may not use the model.
pub(crate) fn misfit(lower: &str) -> bool {
    has(lower, &LENGTH) || has(lower, &NAME) || sized(lower) || of_a_model(lower)
}

const LENGTH: [&str; 26] = [
    "maximum context length",
    "context length",
    "context window",
    "context size",
    "maximum sequence length",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input too long",
    "input length",
    "maximum number of tokens",
    "maximum number of input tokens",
    "exceeded model token limit",
    "maximum prompt length",
    "too many input tokens",
    "max_total_tokens",
    "max_input_tokens",
    "max_seq_len",
    "max_model_len",
    "range of input length",
    "contextwindowexceedederror",
    "too many tokens",
    "上下文长度",
    "上下文窗口",
    "コンテキスト長",
    "컨텍스트 길이",
];

const NAME: [&str; 16] = [
    "model not found",
    "unknown model",
    "no such model",
    "model not exist",
    "not a valid model",
    "model has been decommissioned",
    "has been deprecated",
    "on-demand throughput",
    "model identifier is invalid",
    "max_new_tokens must be",
    "invalid model",
    "specified model",
    // Embeddings: providers differ in how many inputs one call may hold.
    "too many inputs",
    "number of inputs",
    "batch size",
    "模型不存在",
];

/// "`inputs` must have less than 1024 tokens", "Max size: 8000 tokens", "max 300000 tokens per
/// request", but not `max_tokens`.
fn sized(lower: &str) -> bool {
    const SIZES: [&str; 8] = [
        "less than",
        "fewer than",
        "at most",
        "maximum",
        "max size",
        "exceed",
        "<=",
        "tokens per request",
    ];
    lower.contains(" tokens") && has(lower, &SIZES)
}

fn of_a_model(lower: &str) -> bool {
    const GATES: [&str; 21] = [
        "does not exist",
        "not supported",
        "does not support",
        "doesn't support",
        "is not available",
        "not found",
        // Vertex: "Project `p` is not allowed to use Publisher Model `...`" (yym68686/uni-api#41).
        "not allowed to use",
        "not allowed to access",
        "not permitted to use",
        "not authorized to use",
        "not authorized to access",
        "not have access",
        "n't have access",
        "no access to",
        "don't have permission",
        "not enabled",
        "not been enabled",
        "not available",
        "not included in your",
        "no permission",
        "无权",
    ];
    (lower.contains("model") || lower.contains("模型")) && has(lower, &GATES)
}

/// The text says that the gate is the model's: another model of the same key may pass.
pub(crate) fn model_gate(lower: &str) -> bool {
    of_a_model(lower)
}

fn has(lower: &str, signs: &[&str]) -> bool {
    signs.iter().any(|sign| lower.contains(sign))
}
