//! The public draw, computed again from its definition.

use hmac::{Hmac, KeyInit as _, Mac as _};
use minsheng_bundle::{Contents, DrawSeal, hex, leaf_hash, merkle_root, unhex};
use minsheng_model::{Date, DrawUnit, Rules, TieMethod};
use rayon::prelude::*;
use sha2::Sha256;

use crate::report::{Found, differs, offends};

type Mac = Hmac<Sha256>;

fn keyed(key: &[u8; 32]) -> Option<Mac> {
    Mac::new_from_slice(key).ok()
}

fn sign(mac: &Mac, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = mac.clone();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Returns the announced numbers as RFC 3797, section 4, writes them.
pub(crate) fn canonical(rules: &Rules) -> String {
    let mut text = String::new();
    for source in &rules.draw.sources {
        let mut values = source.values.clone();
        if source.sorted {
            values.sort_unstable();
        }
        for value in values {
            text += &format!("{value}.");
        }
        text.push('/');
    }
    text
}

/// Returns the seed that follows from the pool's root and the announcement.
pub(crate) fn seed(rules: &Rules, root: &[u8; 32]) -> Option<[u8; 32]> {
    let message = format!(
        "minsheng draw 1\n{}\n{}\n{}\n{}",
        rules.programme,
        rules.cycle,
        rules.draw.id,
        canonical(rules)
    );
    Some(sign(&keyed(root)?, &[message.as_bytes()]))
}

/// Returns root and size of the pool: the distinct numbers in byte order.
pub(crate) fn pool(mut tickets: Vec<&str>) -> ([u8; 32], u64) {
    tickets.par_sort_unstable();
    tickets.dedup();
    let leaves: Vec<[u8; 32]> = tickets
        .par_iter()
        .map(|t| leaf_hash(t.as_bytes()))
        .collect();
    (merkle_root(&leaves), leaves.len() as u64)
}

/// Returns root and size of a bundle's pool: whoever came late did not stand in it.
pub(crate) fn pool_of(contents: &Contents) -> ([u8; 32], u64) {
    let people = contents.applicants.iter().enumerate();
    let drawn = people.filter(|(index, _)| arrived(contents, *index).is_none());
    pool(drawn.map(|(_, a)| a.draw_ticket.as_str()).collect())
}

/// Returns the day of arrival of somebody who came late.
fn arrived(contents: &Contents, applicant: usize) -> Option<Date> {
    contents.round.as_ref()?.standings.get(applicant)?.arrived
}

/// Checks a seal against the rules and, where it is known, the pool.
pub(crate) fn check(rules: &Rules, seal: &DrawSeal, pool: Option<([u8; 32], u64)>) -> Found {
    if rules.draw.sources.iter().all(|s| s.values.is_empty()) {
        return Some(offends("draw", "没有公布的数值", "no source has spoken"));
    }
    let root = unhex(&seal.pool_root);
    let Some(found) = root.and_then(|root| seed(rules, &root)).map(|s| hex(&s)) else {
        return Some(offends("draw.pool_root", "不是散列", "is no hash"));
    };
    differs("draw.id", &rules.draw.id, &seal.id)
        .or_else(|| differs("draw.canonical", &canonical(rules), &seal.canonical))
        .or_else(|| differs("draw.pool_root", hex(&pool?.0), seal.pool_root.clone()))
        .or_else(|| differs("draw.pool_size", pool?.1, seal.pool_size))
        .or_else(|| differs("draw.seed", found, seal.seed.clone()))
}

/// Checks that every application stands in the draw by its own number, where the
/// rules say so.
pub(crate) fn check_tickets(contents: &Contents) -> Found {
    let own = contents.rules.tie_break.unit == DrawUnit::Applicant;
    let wrong = contents
        .applicants
        .iter()
        .find(|a| own && a.draw_ticket != a.ticket || a.draw_ticket.is_empty())?;
    Some(offends(
        &wrong.ticket,
        "摇号用号有误",
        "stands in the draw by a wrong number",
    ))
}

/// Places in the draw, smaller is better.
#[derive(Debug)]
pub(crate) enum Ranks {
    /// One per applicant.
    Single(Vec<u32>),
    /// One per choice row.
    Multiple(Vec<u32>),
}

impl Ranks {
    /// Returns everybody's place under the sealed seed.
    pub fn new(contents: &Contents, seed: &[u8; 32]) -> Option<Self> {
        let mac = keyed(seed)?;
        Some(match contents.rules.tie_break.method {
            TieMethod::Single => Self::Single(single(contents, &mac)),
            TieMethod::Multiple => Self::Multiple(multiple(contents, &mac)),
        })
    }

    /// Returns the place of a choice row.
    pub fn of(&self, applicant: u32, choice: usize) -> u32 {
        let found = match self {
            Self::Single(ranks) => ranks.get(applicant as usize),
            Self::Multiple(ranks) => ranks.get(choice),
        };
        found.copied().unwrap_or(u32::MAX)
    }
}

/// Returns every applicant's place in the draw under the sealed seed; `None` when that
/// is no seed.
pub(crate) fn ranks(contents: &Contents) -> Option<Vec<u32>> {
    let seed = unhex(&contents.certificate.draw.seed)?;
    Some(single(contents, &keyed(&seed)?))
}

fn single(contents: &Contents, mac: &Mac) -> Vec<u32> {
    // Who came late follows behind the draw, by day of arrival.
    let mut order: Vec<(Option<Date>, [u8; 32], usize)> = contents
        .applicants
        .par_iter()
        .enumerate()
        .map(|(index, a)| {
            let number = sign(mac, &[a.draw_ticket.as_bytes(), &[1]]);
            (arrived(contents, index), number, index)
        })
        .collect();
    // Applicants stand by ticket, so the index decides within a family.
    order.par_sort_unstable();
    let mut ranks = vec![0; order.len()];
    for (rank, (_, _, index)) in (1..).zip(order) {
        if let Some(slot) = ranks.get_mut(index) {
            *slot = rank;
        }
    }
    ranks
}

fn multiple(contents: &Contents, mac: &Mac) -> Vec<u32> {
    let mut order: Vec<(u32, Option<Date>, [u8; 32], usize)> = contents
        .choices
        .par_iter()
        .enumerate()
        .map(|(row, choice)| {
            let draw = contents
                .applicants
                .get(choice.applicant as usize)
                .map_or("", |a| &a.draw_ticket);
            let provider = contents
                .providers
                .get(choice.provider as usize)
                .map_or("", |p| &p.provider);
            let number = sign(mac, &[draw.as_bytes(), b"\n", provider.as_bytes(), &[1]]);
            let day = arrived(contents, choice.applicant as usize);
            (choice.provider, day, number, row)
        })
        .collect();
    // Choices stand by applicant, so the row decides within a family.
    order.par_sort_unstable();
    let mut ranks = vec![0; order.len()];
    for here in order.chunk_by(|a, b| a.0 == b.0) {
        for (rank, (.., row)) in (1..).zip(here) {
            if let Some(slot) = ranks.get_mut(*row) {
                *slot = rank;
            }
        }
    }
    ranks
}
