//! One call.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json as value};
use tollgate::{BoxClient, BoxError, json};
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
    let messages = value!([{"role": "user", "content": prompt}]);
    let body = value!({"model": "batch", "messages": messages});
    let request = json::post("/v1/chat/completions", &body)?;
    let response = client.oneshot(request).await?;
    let status = response.status();
    if !status.is_success() {
        let body = response.into_body().collect().await?.to_bytes();
        return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
    }
    let answer: Value = json::read(response).await?;
    let text = answer["choices"][0]["message"]["content"].as_str();
    Ok(text.ok_or("an answer without a text")?.to_owned())
}
