//! The order of service in a later round.

use minsheng_lottery as lottery;
use minsheng_model::{ChoiceRow, Date, TieMethod};
use rayon::prelude::*;

use crate::facts::Names;

/// Returns for each choice row its place in the draw, from 1 and unique at its
/// provider: those who were on time as they were drawn, and behind them those who came
/// late, by day of arrival and then by the number that the same seed gives them.
pub(crate) fn ranks(
    method: TieMethod,
    seed: &[u8; 32],
    names: &Names,
    choices: &[ChoiceRow],
    arrived: &[Option<Date>],
) -> Vec<u32> {
    let draw = |a: usize| names.draw_tickets.get(a).map_or("", String::as_str);
    let day = |a: usize| arrived.get(a).copied().flatten();
    if method == TieMethod::Single {
        let mut order: Vec<(Option<Date>, [u8; 32], usize)> = (0..names.tickets.len())
            .into_par_iter()
            .map(|a| (day(a), lottery::number(seed, draw(a).as_bytes()), a))
            .collect();
        // Applicants stand by ticket, so the index decides within a family.
        order.par_sort_unstable();
        let mut places = vec![0u32; order.len()];
        for (place, (_, _, applicant)) in (1u32..).zip(order) {
            if let Some(slot) = places.get_mut(applicant) {
                *slot = place;
            }
        }
        let place = |c: &ChoiceRow| places.get(c.applicant as usize).copied();
        return choices
            .iter()
            .map(|c| place(c).unwrap_or(u32::MAX))
            .collect();
    }
    let mut order: Vec<(u32, Option<Date>, [u8; 32], usize)> = choices
        .par_iter()
        .enumerate()
        .map(|(row, c)| {
            let provider = names.providers.get(c.provider as usize);
            let label = format!(
                "{}\n{}",
                draw(c.applicant as usize),
                provider.map_or("", String::as_str)
            );
            let number = lottery::number(seed, label.as_bytes());
            (c.provider, day(c.applicant as usize), number, row)
        })
        .collect();
    order.par_sort_unstable();
    let mut places = vec![0u32; choices.len()];
    for here in order.chunk_by(|a, b| a.0 == b.0) {
        for (place, (.., row)) in (1u32..).zip(here) {
            if let Some(slot) = places.get_mut(*row) {
                *slot = place;
            }
        }
    }
    places
}

/// Puts into a key (tier in the upper 8 bits) who comes before everybody after an
/// appeal, and who came late: there are at most 33 tiers.
pub(crate) fn key(key: u64, owed: bool, late: bool) -> u64 {
    let rest = key & ((1 << 56) - 1);
    let tier = key >> 56;
    let top = if owed {
        0
    } else {
        (tier + 1) | u64::from(late) << 7
    };
    top << 56 | rest
}
