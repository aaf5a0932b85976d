use minsheng_bundle::{Contents, unhex};
use minsheng_model::{ChoiceRow, Order};

use crate::draw::Ranks;

/// Where somebody stands at a provider: tier, score (turned so that less is
/// better), place in the draw. Smaller comes first.
pub(crate) type Key = (u8, i64, u32);

/// The order of service.
#[derive(Debug)]
pub(crate) struct Service<'a> {
    contents: &'a Contents,
    ranks: Ranks,
}

impl<'a> Service<'a> {
    /// Returns the order under the sealed seed, `None` when that is no seed.
    pub fn new(contents: &'a Contents) -> Option<Self> {
        let seed = unhex(&contents.certificate.draw.seed)?;
        Some(Self {
            contents,
            ranks: Ranks::new(contents, &seed)?,
        })
    }

    /// Returns the key of a choice, given with its row.
    pub fn key(&self, row: usize, choice: &ChoiceRow) -> Key {
        let score = match self.contents.rules.score.as_ref().map(|s| s.order) {
            Some(Order::HighFirst) => choice.score.saturating_neg(),
            _ => choice.score,
        };
        (choice.tier, score, self.ranks.of(choice.applicant, row))
    }
}
