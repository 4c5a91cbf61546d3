//! The presets whose address has parts: a resource, a project, a region, a workspace.

use super::{
    LimitScope::{Deployment, Key, Region},
    Place, Preset, Provider, Speaks, Wire,
};

/// [Azure OpenAI](https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle) of a
/// resource, at its current address: the deployment is named in the body, as a model.
///
/// For a token of Entra set [`Auth::Bearer`](super::Auth::Bearer), or
/// [`Auth::External`](super::Auth::External) where it must be renewed.
pub fn azure(resource: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "azure_openai",
        variable: "AZURE_OPENAI_API_KEY",
        limits: Deployment,
        speaks: &[
            Speaks::openai("https://{resource}.openai.azure.com/openai/v1").key_in("api-key"),
        ],
    };
    PRESET.provider().fill("resource", resource)
}

/// [Azure OpenAI](https://learn.microsoft.com/azure/ai-foundry/openai/reference) of a resource, at
/// its classic address: the deployment is named in the path, and the version of the interface
/// (`2024-10-21`) in the query.
pub fn azure_deployments(resource: &str, version: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "azure_openai",
        variable: "AZURE_OPENAI_API_KEY",
        limits: Deployment,
        speaks: &[Speaks {
            place: Place::Deployment,
            ..Speaks::openai("https://{resource}.openai.azure.com/openai").key_in("api-key")
        }],
    };
    let provider = PRESET.provider().fill("resource", resource);
    provider.query("api-version", version.to_owned())
}

/// [Vertex AI](https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference):
/// Google's models in a region, in the multi-regions `us` and `eu`
/// ([hosts](https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations)), or `global`; also speaks OpenAI's dialect, where models are named
/// `google/...`.
///
/// Its tokens expire within the hour: set [`Auth::External`](super::Auth::External) and add them
/// below the router.
pub fn vertex(project: &str, region: &str) -> Provider {
    vertex_of(project, region)
}

/// [`vertex`] in OpenAI's dialect.
pub fn vertex_openai(project: &str, region: &str) -> Provider {
    vertex_of(project, region).speaking(Wire::OpenAi)
}

/// [`vertex`] in Anthropic's dialect: Claude by `rawPredict`
/// ([Anthropic's page](https://docs.claude.com/en/api/claude-on-vertex-ai)). Takes messages and counts
/// of tokens.
pub fn vertex_anthropic(project: &str, region: &str) -> Provider {
    vertex_of(project, region).speaking(Wire::Anthropic)
}

fn vertex_of(project: &str, region: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "vertex",
        variable: "",
        limits: Region,
        speaks: &[
            Speaks::new(
                Wire::Gemini,
                "https://{host}/v1/projects/{project}/locations/{region}/publishers/google",
            ),
            Speaks::openai(
                "https://{host}/v1/projects/{project}/locations/{region}/endpoints/openapi",
            ),
            Speaks::anthropic_in(
                Place::RawPredict,
                "https://{host}/v1/projects/{project}/locations/{region}/publishers/anthropic",
            ),
        ],
    };
    let host = match region {
        "global" => "aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("aiplatform.{region}.rep.googleapis.com"),
        region => format!("{region}-aiplatform.googleapis.com"),
    };
    // The region is checked where it is filled in by itself.
    let provider = PRESET.provider().fill_with("host", host);
    provider.fill("project", project).fill("region", region)
}

/// [Bedrock](https://docs.aws.amazon.com/bedrock/latest/APIReference) in a region: its `Converse`;
/// also speaks OpenAI's dialect. With a Bedrock API key; for `SigV4` set
/// [`Auth::External`](super::Auth::External) and sign below the router.
pub fn bedrock(region: &str) -> Provider {
    bedrock_of(region)
}

/// [`bedrock`] in OpenAI's dialect.
pub fn bedrock_openai(region: &str) -> Provider {
    bedrock_of(region).speaking(Wire::OpenAi)
}

/// [`bedrock`] in Anthropic's dialect: Claude by `InvokeModel`
/// ([Anthropic's page](https://docs.claude.com/en/api/claude-on-amazon-bedrock)). Takes messages; it
/// does not count tokens that way.
///
/// Its streams come in the binary frames of AWS. With an
/// [`InvokeStreamLayer`](crate::invoke::InvokeStreamLayer) around the router, which a `Stack` with routes has,
/// callers get the events of Anthropic.
pub fn bedrock_anthropic(region: &str) -> Provider {
    bedrock_of(region).speaking(Wire::Anthropic)
}

fn bedrock_of(region: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "bedrock",
        variable: "AWS_BEARER_TOKEN_BEDROCK",
        limits: Region,
        speaks: &[
            Speaks::new(
                Wire::Converse,
                "https://bedrock-runtime.{region}.amazonaws.com",
            ),
            Speaks::openai("https://bedrock-runtime.{region}.amazonaws.com/openai/v1"),
            Speaks::anthropic_in(
                Place::Invoke,
                "https://bedrock-runtime.{region}.amazonaws.com",
            ),
        ],
    };
    PRESET.provider().fill("region", region)
}

/// Bedrock's [second endpoint](https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html)
/// ("Mantle") in a region: OpenAI's dialect with its responses; also speaks Anthropic's. With a Bedrock
/// API key; for `SigV4` set [`Auth::External`](super::Auth::External) and sign below the router.
///
/// It has some models at `/openai/v1` only: change its [`base`](Provider::base) for these.
pub fn bedrock_mantle(region: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "bedrock_mantle",
        variable: "AWS_BEARER_TOKEN_BEDROCK",
        limits: Region,
        speaks: &[
            Speaks::openai("https://bedrock-mantle.{region}.api.aws/v1"),
            Speaks::anthropic("https://bedrock-mantle.{region}.api.aws/anthropic/v1"),
        ],
    };
    PRESET.provider().fill("region", region)
}

/// [Alibaba's Qwen](https://www.alibabacloud.com/help/model-studio/base-url) at the address of a
/// workspace in a region (`ap-southeast-1`, `cn-beijing`), for keys of that workspace; also speaks
/// Anthropic's dialect.
pub fn dashscope_workspace(workspace: &str, region: &str) -> Provider {
    static PRESET: Preset = Preset {
        name: "dashscope",
        variable: "DASHSCOPE_API_KEY",
        limits: Key,
        speaks: &[
            Speaks::openai("https://{workspace}.{region}.maas.aliyuncs.com/compatible-mode/v1"),
            Speaks::anthropic("https://{workspace}.{region}.maas.aliyuncs.com/apps/anthropic/v1"),
        ],
    };
    let provider = PRESET.provider().fill("workspace", workspace);
    provider.fill("region", region)
}
