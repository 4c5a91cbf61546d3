//! What the section `providers` says.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{
    check::{Path, Problems},
    limit::Limits,
    secret::{Secret, Text},
};
use crate::route::{self, provider::preset};

/// A provider: a preset with a key, or an address of one's own.
///
/// Its name is that of its table. Without `preset` and `base` the name is also that of the preset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Provider {
    /// Which preset it is: a function of [`preset`]; with their parts `azure`,
    /// `azure_deployments`, `vertex`, `bedrock`, `bedrock_mantle` and `dashscope_workspace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Another address than the preset's; or, with `wire`, that of a provider without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The dialect it is asked in, if not the preset's first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wire: Option<Wire>,
    /// How it wants to see its key, if not as the preset has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Its key, where there is one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// Several keys, each with a name; tried in this order.
    pub accounts: Vec<Account>,
    /// Headers that every request to it carries.
    pub headers: BTreeMap<String, Text>,
    /// Parts of the query that every request to it carries.
    pub query: BTreeMap<String, Text>,
    /// Where its requests name the model, if not where its dialect has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_in: Option<Place>,
    /// Sends its key without encryption to a public host; off unless set.
    pub plain_http: bool,
    /// The resource of Azure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The version of Azure's interface; for `azure_deployments`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The project of Vertex AI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The region of Vertex AI, Bedrock or a workspace of Qwen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The workspace of Qwen; for `dashscope_workspace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The limits of each of its models that has none of its own; with `by = "host"`, of all of them
    /// together.
    #[serde(skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
}

/// One of several keys of a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Account {
    /// Its name in logs and metrics.
    pub name: String,
    /// The key.
    pub key: Secret,
    /// The limits of each model with this key that has none of its own.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
}

/// A dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Wire {
    /// OpenAI's.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's.
    Gemini,
    /// Bedrock's `Converse`.
    Converse,
    /// Cohere's version 2.
    Cohere,
}

/// How a provider wants to see its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// The key alone, in this header.
    Header(String),
    /// The key in this part of the query.
    Query(String),
    /// No key.
    None,
    /// Something below the router adds it.
    External,
}

/// Where a request names the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Place {
    /// In its JSON body.
    Body,
    /// In its path.
    Path,
    /// In its path behind `/deployments/`.
    Deployment,
    /// In its path, as Bedrock's `InvokeModel` has it for Anthropic's models.
    Invoke,
    /// In its path, as Vertex AI's `rawPredict` has it for Anthropic's models.
    RawPredict,
}

impl Wire {
    const fn build(self) -> route::Wire {
        match self {
            Self::OpenAi => route::Wire::OpenAi,
            Self::Anthropic => route::Wire::Anthropic,
            Self::Gemini => route::Wire::Gemini,
            Self::Converse => route::Wire::Converse,
            Self::Cohere => route::Wire::Cohere,
        }
    }
}

impl Auth {
    fn build(&self) -> route::Auth {
        match self {
            Self::Bearer => route::Auth::Bearer,
            Self::Header(name) => route::Auth::Header(Cow::Owned(name.clone())),
            Self::Query(name) => route::Auth::Query(Cow::Owned(name.clone())),
            Self::None => route::Auth::None,
            Self::External => route::Auth::External,
        }
    }
}

impl Place {
    const fn build(self) -> route::Place {
        match self {
            Self::Body => route::Place::Body,
            Self::Path => route::Place::Path,
            Self::Deployment => route::Place::Deployment,
            Self::Invoke => route::Place::Invoke,
            Self::RawPredict => route::Place::RawPredict,
        }
    }
}

/// The presets that need more than a key, and what.
const WITH_PARTS: [(&str, &[&str]); 6] = [
    ("azure", &["resource"]),
    ("azure_deployments", &["resource", "version"]),
    ("vertex", &["project", "region"]),
    ("bedrock", &["region"]),
    ("bedrock_mantle", &["region"]),
    ("dashscope_workspace", &["workspace", "region"]),
];

impl Provider {
    /// The provider as a router takes it, without what is wrong with it, which is told.
    pub(super) fn build(
        &self,
        name: &str,
        path: &Path,
        problems: &mut Problems,
    ) -> Option<route::Provider> {
        let mut provider = self.start(name, path, problems)?.named(name);
        if let Some(auth) = &self.auth {
            provider = provider.auth(auth.build());
        }
        if let Some(place) = self.model_in {
            provider = provider.place(place.build());
        }
        if self.plain_http {
            provider = provider.plain_http();
        }
        for (name, value) in &self.headers {
            provider = provider.header(name.clone(), value.expose().to_owned());
        }
        for (name, value) in &self.query {
            provider = provider.query(name.clone(), value.expose().to_owned());
        }
        if let (Some(_), false) = (&self.key, self.accounts.is_empty()) {
            problems.add(path.key("key"), "and accounts exclude each other");
        }
        if matches!(self.auth, Some(Auth::None | Auth::External)) {
            let keys = [
                ("key", self.key.is_some()),
                ("accounts", !self.accounts.is_empty()),
            ];
            for (key, _) in keys.iter().filter(|(_, given)| *given) {
                problems.add(path.key(key), "would never be sent: auth says so");
            }
        }
        if let Some(key) = &self.key {
            provider = provider.key(key.key());
        }
        for (nth, account) in self.accounts.iter().enumerate() {
            let before = self.accounts[..nth].iter();
            if before.clone().any(|other| other.name == account.name) {
                let words = format!("{:?} is the name of another account", account.name);
                problems.add(path.key("accounts").at(nth).key("name"), words);
            }
            provider = provider.account(account.name.clone(), account.key.key());
        }
        Some(provider)
    }

    /// The preset, or an address of one's own.
    fn start(&self, name: &str, path: &Path, problems: &mut Problems) -> Option<route::Provider> {
        let of = match (&self.preset, &self.base) {
            (Some(preset), _) => preset.as_str(),
            (None, None) => name,
            (None, Some(base)) => {
                self.wants_no_parts("an address of one's own", &[], path, problems);
                let Some(wire) = self.wire else {
                    let words = "needs its wire too, such as wire = \"openai\", or a preset";
                    problems.add(path.key("base"), words);
                    return None;
                };
                return Some(route::Provider::new(name, base.clone(), wire.build()));
            }
        };
        let wants = WITH_PARTS.iter().find(|(preset, _)| *preset == of);
        let wants = wants.map_or(&[][..], |(_, parts)| *parts);
        self.wants_no_parts(of, wants, path, problems);
        let Some(mut provider) = self.preset(of, path, problems) else {
            let known = preset::NAMES
                .iter()
                .copied()
                .chain(WITH_PARTS.map(|(name, _)| name));
            if !wants.is_empty() {
                return None;
            }
            let like = super::error::nearest(of, known);
            let like = like.map_or(String::new(), |like| format!("; {like:?} is one"));
            match &self.preset {
                Some(_) => problems.add(
                    path.key("preset"),
                    format!("there is no preset {of:?}{like}"),
                ),
                None => problems.add(
                    path.clone(),
                    format!("needs a preset, or base and wire: there is no preset {of:?}{like}"),
                ),
            }
            return None;
        };
        if let Some(wire) = self.wire {
            provider = provider.speaking(wire.build());
        }
        if let Some(base) = &self.base {
            provider = provider.base(base.clone());
        }
        Some(provider)
    }

    fn preset(&self, of: &str, path: &Path, problems: &mut Problems) -> Option<route::Provider> {
        let mut part = |name: &str, value: &Option<String>| {
            if value.is_none() {
                let words = format!("the preset {of:?} needs {name} = \"..\"");
                problems.add(path.clone(), words);
            }
            value.clone()
        };
        match of {
            "azure" => Some(preset::azure(&part("resource", &self.resource)?)),
            "azure_deployments" => {
                let resource = part("resource", &self.resource);
                let version = part("version", &self.version);
                Some(preset::azure_deployments(&resource?, &version?))
            }
            "vertex" => {
                let project = part("project", &self.project);
                let region = part("region", &self.region);
                Some(preset::vertex(&project?, &region?))
            }
            "bedrock" => Some(preset::bedrock(&part("region", &self.region)?)),
            "bedrock_mantle" => Some(preset::bedrock_mantle(&part("region", &self.region)?)),
            "dashscope_workspace" => {
                let workspace = part("workspace", &self.workspace);
                let region = part("region", &self.region);
                Some(preset::dashscope_workspace(&workspace?, &region?))
            }
            _ => preset::find(of),
        }
    }

    fn wants_no_parts(&self, of: &str, wants: &[&str], path: &Path, problems: &mut Problems) {
        for (name, value) in [
            ("resource", &self.resource),
            ("version", &self.version),
            ("project", &self.project),
            ("region", &self.region),
            ("workspace", &self.workspace),
        ] {
            if value.is_some() && !wants.contains(&name) {
                problems.add(path.key(name), format!("says nothing for {of}"));
            }
        }
    }

    /// All secrets and where they stand.
    pub(super) fn secrets<'a>(
        &'a mut self,
        path: &'a Path,
    ) -> impl Iterator<Item = (Path, &'a mut Secret)> {
        let key = self.key.iter_mut().map(|key| (path.key("key"), key));
        let accounts = self.accounts.iter_mut().enumerate();
        let accounts = accounts.map(|(nth, account)| {
            let place = path.key("accounts").at(nth).key("key");
            (place, &mut account.key)
        });
        let of = |section: &'static str, texts: &'a mut BTreeMap<String, Text>| {
            texts.iter_mut().map(move |(name, text)| {
                let place = path.key(section).key(name);
                (place, text.secret_mut())
            })
        };
        let headers = of("headers", &mut self.headers);
        let query = of("query", &mut self.query);
        key.chain(accounts).chain(headers).chain(query)
    }
}
