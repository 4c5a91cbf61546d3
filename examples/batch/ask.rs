//! One call.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tollgate::{BoxClient, BoxError};
use tower::ServiceExt;

use super::{answers::Line, prompts::Prompt};

pub(crate) type Llm = BoxClient<Full<Bytes>>;

/// The line for a prompt, whatever became of it.
pub(crate) async fn ask(client: Llm, prompt: Prompt) -> Line {
    let (answer, error) = match text(client, &prompt.prompt).await {
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Line {
        id: prompt.id,
        answer,
        error,
    }
}

async fn text(client: Llm, prompt: &str) -> Result<String, BoxError> {
    let messages = json!([{"role": "user", "content": prompt}]);
    let body = json!({"model": "batch", "messages": messages}).to_string();
    let request = Request::post("/v1/chat/completions").body(Full::from(body))?;
    let response = client.oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
    }
    let answer: Value = serde_json::from_slice(&body)?;
    let text = answer["choices"][0]["message"]["content"].as_str();
    Ok(text.ok_or("an answer without a text")?.to_owned())
}
