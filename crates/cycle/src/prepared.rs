//! A cycle's rules evaluated once: everything that decides it but chance and the
//! mechanism, so that the same cycle can be decided many times.

use minsheng_matching::MarketError;
use minsheng_model::{ChoiceRow, Diagnostic, Rules, Verdict};
use minsheng_registers::{Engine, Masks, ProviderFacts};
use rayon::prelude::*;

use crate::facts::{self, Names};
use crate::market::{self, Built};
use crate::{Registers, draw, one, wishes};

/// What the rules say of every applicant, choice and provider.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The names behind the indices.
    pub names: Names,
    /// What the applicants' clauses say of each applicant.
    pub masks: Vec<Masks>,
    /// Whether each applicant may have a place.
    pub verdicts: Vec<Verdict>,
    /// Every choice, by applicant and position.
    pub choices: Vec<ChoiceRow>,
    /// The seats of each provider.
    pub seats: Vec<ProviderFacts>,
}

impl Prepared {
    /// Evaluates the rules over the registers.
    ///
    /// # Errors
    /// A located diagnostic when the registers do not fit together or a rule cannot be
    /// evaluated on a row.
    pub fn new(rules: &Rules, registers: &Registers) -> Result<Self, Vec<Diagnostic>> {
        let engine = Engine::new(rules)?;
        let names = Names::new(rules, registers)?;
        let wishes = wishes::collect(rules, registers, &names)?;
        let masks = engine.applicants(&registers.applicants).map_err(one)?;
        let seats = engine.providers(&registers.providers).map_err(one)?;
        let mut choices = wishes::evaluate(rules, &engine, registers, &wishes)?;
        drop(wishes);
        if let Some(combine) = &rules.choice_eligibility {
            choices.par_iter_mut().for_each(|choice| {
                choice.verdict = facts::verdict(combine, choice.holds, choice.unknown);
            });
        }
        let verdicts = masks
            .iter()
            .map(|m| facts::verdict(&rules.eligibility, m.holds, m.unknown))
            .collect();
        Ok(Self {
            names,
            masks,
            verdicts,
            choices,
            seats,
        })
    }

    /// Returns for each choice row its place in the programme's own draw, from 1 and
    /// unique at its provider; `None` before the draw was held.
    ///
    /// `names` and `rules` may differ from those prepared in who shares a number and
    /// whether there is one draw or one for each provider.
    #[must_use]
    pub fn own_draw(&self, rules: &Rules, names: &Names) -> Option<Vec<u32>> {
        draw::is_held(rules).then(|| draw::hold(rules, names, &self.choices).ranks)
    }

    /// Builds the market under a draw: for each choice row its place, unique at its
    /// provider.
    ///
    /// # Errors
    /// When there are too many choices or different scores.
    pub fn market(&self, rules: &Rules, ranks: &[u32]) -> Result<Built, Vec<Diagnostic>> {
        market::build(
            rules,
            &self.names,
            &self.verdicts,
            &self.choices,
            &self.seats,
            ranks,
        )
    }

    /// Returns what a mechanism says of the market, with the provider's name.
    #[must_use]
    pub fn told(&self, error: &MarketError) -> Diagnostic {
        market::told(error, &self.names)
    }
}
