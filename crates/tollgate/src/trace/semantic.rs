//! The words of OpenTelemetry's conventions for generative AI (seen November 2026, still "in
//! development"): <https://opentelemetry.io/docs/specs/semconv/gen-ai/>.

/// The name of a provider in `gen_ai.provider.name`: from our name of it or from its host. What the
/// conventions do not list stays as it is.
pub(super) fn provider(name: &str) -> &str {
    match name {
        "openai" | "api.openai.com" => "openai",
        "anthropic" | "api.anthropic.com" => "anthropic",
        "groq" | "api.groq.com" => "groq",
        "gemini" | "generativelanguage.googleapis.com" => "gcp.gemini",
        "vertex" => "gcp.vertex_ai",
        "azure_openai" => "azure.ai.openai",
        "bedrock" | "bedrock_mantle" => "aws.bedrock",
        "mistral" | "api.mistral.ai" => "mistral_ai",
        "deepseek" | "api.deepseek.com" => "deepseek",
        "xai" | "api.x.ai" => "x_ai",
        "cohere" | "api.cohere.com" | "api.cohere.ai" => "cohere",
        "perplexity" | "api.perplexity.ai" => "perplexity",
        _ if name.ends_with(".openai.azure.com") => "azure.ai.openai",
        _ if name.ends_with("aiplatform.googleapis.com") => "gcp.vertex_ai",
        _ if name.starts_with("aiplatform.") && name.ends_with(".rep.googleapis.com") => {
            "gcp.vertex_ai"
        }
        _ if name.starts_with("bedrock-runtime.") => "aws.bedrock",
        _ if name.starts_with("bedrock-mantle.") => "aws.bedrock",
        _ => name,
    }
}

/// What a path asks for, in `gen_ai.operation.name`; `None` where it is none of the conventions'.
pub(super) fn operation(path: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('/');
    let end = path.rsplit(['/', ':']).next().unwrap_or(path);
    Some(match end {
        "completions" if !path.ends_with("/chat/completions") => "text_completion",
        "completions"
        | "responses"
        | "messages"
        | "chat"
        | "converse"
        | "converse-stream"
        | "invoke"
        | "invoke-with-response-stream"
        | "rawPredict"
        | "streamRawPredict" => "chat",
        "generateContent" | "streamGenerateContent" => "generate_content",
        "embeddings" | "embed" | "embedContent" | "batchEmbedContents" => "embeddings",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_what_they_ask_for() {
        let of = operation;
        assert_eq!(of("/openai/v1/chat/completions"), Some("chat"));
        assert_eq!(of("/v1/messages/"), Some("chat"));
        assert_eq!(of("/v1/completions"), Some("text_completion"));
        let gemini = "/v1beta/models/gemini-2.0-flash:streamGenerateContent";
        assert_eq!(of(gemini), Some("generate_content"));
        assert_eq!(of("/v1/embeddings"), Some("embeddings"));
        assert_eq!(of("/v1/models"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn providers_have_the_names_of_the_conventions() {
        assert_eq!(provider("xai"), "x_ai");
        assert_eq!(provider("eu.openai.azure.com"), "azure.ai.openai");
        assert_eq!(provider("llm.internal"), "llm.internal");
    }
}
