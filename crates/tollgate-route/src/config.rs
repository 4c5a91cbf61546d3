//! What is wrong with a route that does not build.

use std::{error::Error, fmt};

/// Why a router could not be built, and because of whom.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigError {
    culprit: Box<str>,
    flaw: Flaw,
}

impl ConfigError {
    pub(crate) fn new(culprit: impl fmt::Display, flaw: Flaw) -> Self {
        Self {
            culprit: culprit.to_string().into(),
            flaw,
        }
    }

    /// The route, target or setting that is wrong.
    #[must_use]
    pub fn culprit(&self) -> &str {
        &self.culprit
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn flaw(&self) -> &Flaw {
        &self.flaw
    }
}

/// What can be wrong with a route.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Flaw {
    /// There is no route at all, or the route has no target.
    Empty,
    /// Two routes have this name.
    NameTaken,
    /// There are more than 65,535 targets.
    TooMany,
    /// The target comes twice in one route.
    Twice,
    /// Two providers that differ go by one name.
    TwoProviders,
    /// The target comes in several routes, with a weight, price, context, wait budget or tries that
    /// differ.
    TwoSettings,
    /// The route goes on with one that does not exist.
    NoSuchRoute(String),
    /// The route goes on with itself, perhaps by way of others.
    Circle,
    /// The targets of the route do not speak one dialect: a fallback does not translate.
    MixedDialects(&'static str, &'static str),
    /// A weight that is negative or no number.
    Weight(f64),
    /// All weights of a tier are zero.
    NoWeight,
    /// A price that is negative or no number.
    Price,
    /// The address of the provider.
    Address(&'static str),
    /// A key would be sent to this host without encryption.
    PlainHttp(String),
    /// The provider wants a key and has none.
    NoKey,
    /// The key holds what no header can carry.
    BadKey,
    /// A header with a name or a value that is none.
    Header(String),
    /// A model that no path can name.
    Model(String),
    /// A preset that was asked for what it does not have.
    Provider(String),
    /// A setting out of its range.
    Setting(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.culprit)?;
        match &self.flaw {
            Flaw::Empty => f.write_str("there is no target"),
            Flaw::NameTaken => f.write_str("two routes have this name"),
            Flaw::TooMany => f.write_str("has more than 65,535 targets"),
            Flaw::Twice => f.write_str("the target comes twice"),
            Flaw::TwoProviders => f.write_str(
                "two providers that differ go by this name (`named` and `account` tell them apart)",
            ),
            Flaw::TwoSettings => f.write_str(
                "has other settings in another route: its weight, price, context, wait budget and \
                 tries must be the same in all",
            ),
            Flaw::NoSuchRoute(name) => write!(f, "goes on with {name:?}, which does not exist"),
            Flaw::Circle => f.write_str("goes on with itself, perhaps by way of others"),
            Flaw::MixedDialects(one, other) => {
                write!(f, "speaks {other}, the targets before it {one}")
            }
            Flaw::Weight(weight) => write!(f, "a weight cannot be {weight}"),
            Flaw::NoWeight => f.write_str("all weights of a tier are zero"),
            Flaw::Price => f.write_str("a price must be zero or more, and finite"),
            Flaw::Address(why) => write!(f, "its address {why}"),
            Flaw::PlainHttp(host) => {
                write!(
                    f,
                    "its key would go to {host} without encryption (`plain_http` allows it)"
                )
            }
            Flaw::NoKey => f.write_str("it has no key"),
            Flaw::BadKey => f.write_str("its key holds what no header can carry"),
            Flaw::Header(name) => write!(f, "{name:?} with its value is no header"),
            Flaw::Model(name) => write!(f, "{name:?} cannot be the name of a model"),
            Flaw::Provider(why) => f.write_str(why),
            Flaw::Setting(why) => f.write_str(why),
        }
    }
}

impl Error for ConfigError {}
