//! A world in one line.

use std::fmt::{self, Display};

use tollgate_test::Kind;

use super::{Failures, Limits, Prompts, World};

impl Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let latency = self.latency.as_secs_f64();
        write!(f, "{}; {}; {}", self.load, self.limits, self.headers)?;
        write!(f, "; answers take {latency} s")?;
        if self.limits.tokens.is_some() {
            write!(f, "; {}", self.prompts)?;
        }
        if self.far {
            f.write_str("; 0-2 s each way")?;
        }
        f.write_str(match self.failures {
            Failures::None => "",
            Failures::Errors => "; 5 % answer 500",
            Failures::Resets => "; 5 % of the answers are lost",
            Failures::Callers => "; 5 % of the callers give up",
        })
    }
}

impl Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.requests {
            Some(requests) => write!(f, "{requests}/min, {}", self.shape)?,
            None => f.write_str("no limit")?,
        }
        if let Some(tokens) = self.tokens {
            write!(f, ", {tokens} tokens/min")?;
        }
        if self.requests.is_some() && self.used > 0.0 {
            write!(f, ", {} % used at the start", self.used * 100.0)?;
        }
        if let Some(concurrency) = self.concurrency {
            write!(f, ", {concurrency} at the same time")?;
        }
        if let Some((limit, used)) = self.day {
            write!(f, ", {limit} a day of which {used} are used")?;
        }
        if let Some((rate, from)) = self.others {
            write!(f, ", others take {:.0}/min from {from:.0?} on", rate * 60.0)?;
        }
        Ok(())
    }
}

impl Display for Prompts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "max_tokens {}", self.max_tokens)?;
        let input = self.kind == Kind::InputTokens;
        f.write_str(if input { ", prompts counted" } else { "" })?;
        f.write_str(if self.reserved { ", reserved" } else { "" })?;
        f.write_str(match (self.cached, self.free_cache) {
            (false, _) => "",
            (true, false) => ", 90 % cached",
            (true, true) => ", 90 % cached and free",
        })
    }
}
