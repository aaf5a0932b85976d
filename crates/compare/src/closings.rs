//! Which providers do not open for want of people, and how often.

use minsheng_matching::{Closed, MarketError, Outcome};
use serde::Serialize;

use crate::figures::{Figures, positions};
use crate::setting::{Chance, Setting};

/// A provider that does not open in the draw that decides, or in some draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderClosing {
    /// Its key.
    pub provider: String,
    /// How many people it needs.
    pub minimum: u32,
    /// How many it had when it was closed in the draw that decides; `None` where it
    /// opens in that one.
    pub had: Option<u32>,
    /// In how many of the draws it does not open.
    pub draws: u32,
}

/// Returns how many people have another place than if every provider opened, in the
/// same draw.
///
/// # Errors
/// What the mechanism says of the market.
pub(crate) fn moved(setting: &Setting, own: &[u32], chance: Chance) -> Result<u64, MarketError> {
    let Some(open): Option<Outcome> = setting.decide_open(chance)? else {
        return Ok(0);
    };
    let open = positions(setting, &open);
    let differ = own.iter().zip(&open).filter(|(own, open)| own != open);
    Ok(differ.count() as u64)
}

/// Returns the providers that may not open, in the order of their keys.
pub(crate) fn list(
    setting: &Setting,
    closed: &[Closed],
    draws: &[&Figures],
    providers: &[String],
) -> Vec<ProviderClosing> {
    let mut often = vec![0u32; providers.len()];
    for provider in draws.iter().flat_map(|f| &f.closed) {
        if let Some(count) = often.get_mut(*provider as usize) {
            *count += 1;
        }
    }
    let mut had = vec![None; providers.len()];
    for one in closed {
        if let Some(slot) = had.get_mut(one.provider as usize) {
            *slot = Some(one.placed);
        }
    }
    let all = providers.iter().zip(&setting.minimum);
    all.zip(had.into_iter().zip(often))
        .filter(|(_, (had, draws))| had.is_some() || *draws > 0)
        .map(|((provider, minimum), (had, draws))| ProviderClosing {
            provider: provider.clone(),
            minimum: *minimum,
            had,
            draws,
        })
        .collect()
}
