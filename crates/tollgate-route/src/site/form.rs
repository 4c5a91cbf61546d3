//! Where a target has an operation, and where it wants the model of it.

use super::Site;
use crate::{
    Place,
    rewrite::envelope,
    wire::{Kind, Operation},
};

/// How an operation is written for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) place: Place,
    /// What stands between the base and the operation.
    pub(crate) insert: &'static str,
    /// The target's own query goes with it.
    pub(crate) query: bool,
    /// It only counts tokens, in one of Anthropic's envelopes.
    pub(crate) counts: bool,
    /// It is about something that the provider keeps, and names no model.
    pub(crate) bare: bool,
}

/// Operations that a provider has at another place than behind its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) operations: &'static [&'static str],
    /// What stands between the base and these.
    pub(crate) insert: &'static str,
}

/// What Azure OpenAI has below a deployment; all else is beside the deployments:
/// <https://learn.microsoft.com/azure/ai-foundry/openai/reference>.
const DEPLOYED: [&str; 9] = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/images/generations",
    "/images/edits",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/rerank",
];

impl Site {
    /// What a path asks for, in the dialect of this target.
    pub(crate) fn operation<'a>(&self, path: &'a str) -> Option<Operation<'a>> {
        self.wire.operation(path, &self.bases)
    }

    /// How an operation is written for it. `None` where it has no such call.
    pub(crate) fn form(&self, kind: Kind) -> Option<Form> {
        let beside = Form {
            place: self.place,
            insert: "",
            query: true,
            counts: false,
            bare: matches!(kind, Kind::Known(operation) if operation.contains("{}")),
        };
        let known = match kind {
            Kind::Known(operation) => Some(operation),
            Kind::Added | Kind::Unknown => None,
        };
        if envelope::is_one(self.place) {
            let has_it = match known {
                Some("/messages") => true,
                Some(envelope::COUNT) => self.place == Place::RawPredict,
                _ => false,
            };
            return has_it.then_some(Form {
                counts: known == Some(envelope::COUNT),
                ..beside
            });
        }
        let Some(operation) = known else {
            let place = match self.place {
                Place::Deployment => Place::Body,
                place => place,
            };
            return (kind == Kind::Added).then_some(Form { place, ..beside });
        };
        let mut elsewhere = self.elsewhere.iter();
        let elsewhere = elsewhere.find(|one| one.operations.contains(&operation));
        let form = Form {
            insert: elsewhere.map_or("", |one| one.insert),
            ..beside
        };
        if self.place != Place::Deployment || DEPLOYED.contains(&operation) {
            return Some(form);
        }
        // Responses are at the current address only. It names the deployment in the body and refuses
        // the version of the classic one.
        let is_response = operation.starts_with("/responses");
        Some(Form {
            place: Place::Body,
            insert: if is_response { "/v1" } else { "" },
            query: !is_response,
            ..beside
        })
    }
}
