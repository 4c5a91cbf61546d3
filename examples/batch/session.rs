//! One run: from the start of the program to its end or to Ctrl-C.

use std::{fs, future::Future, io::ErrorKind, path::PathBuf, pin::pin};

use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use tollgate::{BoxError, Client, Route, Stack, limit, provider::preset};

use super::{
    RATE, SECOND, answers,
    ask::{Llm, ask},
    bar::Bar,
    prompts,
};

/// How many calls are under way or wait for their turn.
const AT_ONCE: usize = 100;

/// The files, and where the provider is.
pub(crate) struct Session {
    pub(crate) prompts: PathBuf,
    pub(crate) answers: PathBuf,
    pub(crate) provider: String,
}

impl Session {
    /// Asks what has no answer yet, until all is asked or `stop` comes. Gives back how many prompts
    /// there are, and how many of them have an answer now.
    pub(crate) async fn run(&self, stop: impl Future) -> Result<(usize, usize), BoxError> {
        let (client, limits) = self.client()?;
        let prompts = prompts::read(&self.prompts)?;
        let (mut file, known) = answers::open(&self.answers)?;
        let total = prompts.len();
        let rest = prompts.into_iter();
        let rest: Vec<_> = rest.filter(|it| !known.answered.contains(&it.id)).collect();
        let mut answered = total - rest.len();
        let mut bar = Bar::new(total, answered);

        // What is under way when `stop` comes still ends.
        let calls = stream::iter(rest).take_until(stop);
        let calls = calls.map(|prompt| ask(client.clone(), prompt));
        let mut calls = pin!(calls.buffer_unordered(AT_ONCE));
        let mut saved = Instant::now();
        while let Some(line) = calls.next().await {
            answers::append(&mut file, &line)?;
            if line.answer.is_some() {
                answered += 1;
                bar.answered();
            }
            if saved.elapsed() > SECOND {
                self.save(&limits)?;
                saved = Instant::now();
            }
        }
        self.save(&limits)?;
        bar.end();
        Ok((total, answered))
    }

    /// The stack, with what the last run took of the limit.
    fn client(&self) -> Result<(Llm, limit::Handle), BoxError> {
        let openai = preset::openai().base(format!("{}/v1", self.provider));
        let openai = openai.key("sk_not_a_key").model("gpt-4o-mini");
        let known = limit::Limit::requests(RATE, SECOND).bucket(RATE);
        let layer = Stack::new()
            .route(Route::new("batch").ordered([openai]))
            .deadline(60 * SECOND)
            .limit(|limit| limit.limit(known))
            .build()?;
        let limits = layer.handle().limit().cloned().ok_or("there is none")?;
        match fs::read(self.limits()) {
            Ok(text) => limits.restore(&serde_json::from_slice(&text)?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        Ok((layer.boxed(Client::new()), limits))
    }

    /// Written beside and then moved, so that a kill leaves the old one.
    fn save(&self, limits: &limit::Handle) -> Result<(), BoxError> {
        let new = self.answers.with_extension("limits.new");
        fs::write(&new, serde_json::to_vec(&limits.snapshot())?)?;
        Ok(fs::rename(new, self.limits())?)
    }

    fn limits(&self) -> PathBuf {
        self.answers.with_extension("limits.json")
    }
}
