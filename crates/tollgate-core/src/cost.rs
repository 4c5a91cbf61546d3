//! What a call takes out of a limit.

/// What a call is expected to take out of a provider's limits.
///
/// # Examples
///
/// ```
/// use tollgate_core::Cost;
///
/// let cost = Cost::default().with_input_tokens(1_200).with_output_tokens(300);
/// assert_eq!(cost.requests(), 1);
/// assert_eq!(cost.tokens(), 1_500);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cost {
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    images: u64,
}

impl Default for Cost {
    /// One request, no tokens, no images.
    fn default() -> Self {
        Self {
            requests: 1,
            input_tokens: 0,
            output_tokens: 0,
            images: 0,
        }
    }
}

impl Cost {
    /// How many requests; 1 unless set.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Tokens of the prompt.
    #[must_use]
    pub const fn input_tokens(&self) -> u64 {
        self.input_tokens
    }

    /// Tokens of the answer.
    #[must_use]
    pub const fn output_tokens(&self) -> u64 {
        self.output_tokens
    }

    /// Tokens of prompt and answer together.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Images.
    #[must_use]
    pub const fn images(&self) -> u64 {
        self.images
    }

    /// Sets the number of requests.
    #[must_use]
    pub const fn with_requests(mut self, n: u64) -> Self {
        self.requests = n;
        self
    }

    /// Sets the tokens of the prompt.
    #[must_use]
    pub const fn with_input_tokens(mut self, n: u64) -> Self {
        self.input_tokens = n;
        self
    }

    /// Sets the tokens of the answer.
    #[must_use]
    pub const fn with_output_tokens(mut self, n: u64) -> Self {
        self.output_tokens = n;
        self
    }

    /// Sets the images.
    #[must_use]
    pub const fn with_images(mut self, n: u64) -> Self {
        self.images = n;
        self
    }
}

/// What a call really took, as the provider's answer reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Usage {
    input: u64,
    output: u64,
    cached: u64,
}

impl Usage {
    /// Tokens of the prompt and of the answer.
    #[must_use]
    pub const fn new(input: u64, output: u64) -> Self {
        Self {
            input,
            output,
            cached: 0,
        }
    }

    /// Says how many of the prompt's tokens came out of a cache.
    #[must_use]
    pub const fn with_cached(mut self, n: u64) -> Self {
        self.cached = n;
        self
    }

    /// Tokens of the prompt, those from a cache included.
    #[must_use]
    pub const fn input(&self) -> u64 {
        self.input
    }

    /// Tokens of the answer.
    #[must_use]
    pub const fn output(&self) -> u64 {
        self.output
    }

    /// Tokens of the prompt that came out of a cache.
    #[must_use]
    pub const fn cached(&self) -> u64 {
        self.cached
    }
}
