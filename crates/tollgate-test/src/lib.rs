//! Scripted LLM providers for tests.
