//! What only these tests ask of a watched session.

use helmsight::model::{Capabilities, Update};
use helmsight::session::{Backend, OpenOptions};

use crate::support::Watched;

impl Watched {
    pub(crate) fn new(backend: Box<dyn Backend>) -> Self {
        Self::open(backend, OpenOptions::default())
    }

    pub(crate) async fn picture(&mut self) {
        let before = self.pictures.len();
        self.until("a picture", |it| it.pictures.len() > before).await;
    }

    /// The words of the rows of this kind, oldest first.
    pub(crate) fn words(&self, kind: &str) -> Vec<&str> {
        self.rows().filter(|row| row.name == kind).map(|row| row.text.as_str()).collect()
    }

    pub(crate) async fn row(&mut self, kind: &str) {
        self.until(kind, |it| !it.words(kind).is_empty()).await;
    }

    pub(crate) async fn refused(&mut self, words: &str) {
        self.until(words, |it| {
            let mut news = it.news.iter();
            news.any(|update| matches!(update, Update::Refused(why) if why.contains(words)))
        })
        .await;
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let mut told = self.news.iter().rev();
        told.find_map(|update| match update {
            Update::Capabilities(capabilities) => Some(*capabilities),
            _ => None,
        })
        .unwrap_or_default()
    }
}
