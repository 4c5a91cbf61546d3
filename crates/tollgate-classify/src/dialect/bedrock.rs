//! Amazon Bedrock.
//!
//! The exception is in `x-amzn-errortype` (with a `:http...` tail), in `__type` (behind a `#`), or in
//! a frame of a 200 event stream; there is no `retry-after`:
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html> (2026-09).

use super::{Dialect, PLAIN};
use crate::verdict::{AUTH, BROKEN, BUSY, LATE, MISFIT, QUOTA, RATE, WRONG};

pub(super) const BEDROCK: Dialect = Dialect {
    names: &[
        "bedrock",
        "bedrock_mantle",
        "amazon_bedrock",
        "aws_bedrock",
        "aws",
    ],
    families: &[("bedrock", ".amazonaws.com"), ("bedrock", ".api.aws")],
    codes: &[
        ("ThrottlingException", RATE),
        ("TooManyRequestsException", RATE),
        ("ServiceQuotaExceededException", QUOTA),
        ("ServiceUnavailableException", BUSY),
        ("ModelNotReadyException", BUSY),
        ("ModelTimeoutException", LATE),
        ("ModelErrorException", BROKEN),
        ("ModelStreamErrorException", BROKEN),
        ("InternalServerException", BROKEN),
        ("InternalFailure", BROKEN),
        ("AccessDeniedException", AUTH),
        ("ExpiredTokenException", AUTH),
        ("UnrecognizedClientException", AUTH),
        ("InvalidSignatureException", AUTH),
        ("IncompleteSignature", AUTH),
        ("ResourceNotFoundException", MISFIT),
        ("ValidationException", WRONG),
    ],
    looks_like: |facts| facts.answer.headers().contains_key("x-amzn-requestid"),
    ..PLAIN
};
