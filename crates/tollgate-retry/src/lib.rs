//! Retries LLM calls.
