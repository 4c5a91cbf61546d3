//! OpenAI's SDKs work unchanged.
