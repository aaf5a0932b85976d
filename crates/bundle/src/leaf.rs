use minsheng_model::{ApplicantRow, ChoiceRow, Door, ProviderRow};
use rayon::prelude::*;

use crate::hash::sha256;
use crate::json::{integer, optional, string, unsigned};
use crate::merkle::{merkle_proof, merkle_root};

/// Returns the canonical JSON of one applicant's row with the own list: what a
/// leaf of the rows' tree is made of.
#[must_use]
pub fn row_leaf(
    applicant: &ApplicantRow,
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(320 + 192 * choices.len());
    let name = |choice: &ChoiceRow| {
        let provider = providers.get(choice.provider as usize);
        provider_text(provider.map_or("", |p| &p.provider))
    };
    let names: Vec<Vec<u8>> = choices.iter().map(name).collect();
    let mut patterns = Patterns::new();
    write_row(
        &mut out,
        &mut patterns,
        applicant,
        choices.iter().zip(&names),
    );
    out
}

/// Writes a row; each choice comes with its [`provider_text`].
fn write_row<'a>(
    out: &mut Vec<u8>,
    patterns: &mut Patterns,
    applicant: &ApplicantRow,
    choices: impl Iterator<Item = (&'a ChoiceRow, &'a Vec<u8>)>,
) {
    out.extend_from_slice(b"{\"applicant\":");
    write_applicant(out, applicant);
    out.extend_from_slice(b",\"choices\":[");
    for (index, (choice, provider)) in choices.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        patterns.write(out, choice, provider);
    }
    out.extend_from_slice(b"]}");
}

/// Returns the part of a choice's text that names the provider.
fn provider_text(provider: &str) -> Vec<u8> {
    let mut out = b",\"provider\":".to_vec();
    string(&mut out, provider);
    out
}

fn write_applicant(out: &mut Vec<u8>, row: &ApplicantRow) {
    out.extend_from_slice(b"{\"draw_ticket\":");
    string(out, &row.draw_ticket);
    out.extend_from_slice(b",\"facts_hash\":");
    string(out, &row.facts_hash);
    out.extend_from_slice(b",\"groups\":[");
    for (index, group) in row.groups.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        optional(out, group.as_deref());
    }
    out.extend_from_slice(b"],\"holds\":");
    unsigned(out, u64::from(row.holds));
    out.extend_from_slice(b",\"placement\":");
    match &row.placement {
        None => out.extend_from_slice(b"null"),
        Some(place) => {
            out.extend_from_slice(b"{\"door\":");
            match place.door {
                Door::Kept => out.extend_from_slice(b"\"kept\""),
                Door::Open => out.extend_from_slice(b"\"open\""),
                Door::Reserve(index) => {
                    out.extend_from_slice(b"{\"reserve\":");
                    unsigned(out, u64::from(index));
                    out.push(b'}');
                }
            }
            out.extend_from_slice(b",\"position\":");
            unsigned(out, u64::from(place.position));
            out.extend_from_slice(b",\"provider\":");
            string(out, &place.provider);
            out.push(b'}');
        }
    }
    out.extend_from_slice(b",\"ticket\":");
    string(out, &row.ticket);
    out.extend_from_slice(b",\"unknown\":");
    unsigned(out, u64::from(row.unknown));
    out.extend_from_slice(b",\"verdict\":");
    string(out, row.verdict.as_str());
    out.push(b'}');
}

/// What does not differ between most choices: all but who, where, which position and
/// which score.
#[derive(Default)]
struct Pattern {
    of: Option<ChoiceRow>,
    /// Up to the position.
    head: Vec<u8>,
    /// Between provider and score.
    middle: Vec<u8>,
    /// After the score.
    tail: Vec<u8>,
}

impl Pattern {
    fn set(&mut self, row: ChoiceRow) {
        let Self {
            head, middle, tail, ..
        } = self;
        for part in [&mut *head, &mut *middle, &mut *tail] {
            part.clear();
        }
        head.extend_from_slice(b"{\"ceilings\":");
        unsigned(head, u64::from(row.ceilings));
        head.extend_from_slice(b",\"holds\":");
        unsigned(head, u64::from(row.holds));
        head.extend_from_slice(if row.kept {
            b",\"kept\":true"
        } else {
            b",\"kept\":false"
        });
        head.extend_from_slice(b",\"position\":");
        middle.extend_from_slice(b",\"reserves\":");
        unsigned(middle, u64::from(row.reserves));
        middle.extend_from_slice(b",\"score\":");
        tail.extend_from_slice(b",\"tier\":");
        unsigned(tail, u64::from(row.tier));
        tail.extend_from_slice(b",\"tier_holds\":");
        unsigned(tail, u64::from(row.tier_holds));
        tail.extend_from_slice(b",\"tier_unknown\":");
        unsigned(tail, u64::from(row.tier_unknown));
        tail.extend_from_slice(b",\"unknown\":");
        unsigned(tail, u64::from(row.unknown));
        tail.extend_from_slice(b",\"verdict\":");
        string(tail, row.verdict.as_str());
        tail.push(b'}');
        self.of = Some(row);
    }
}

/// Texts of patterns that came lately: a city's millions of choices have a few
/// hundred of them.
struct Patterns {
    slots: Vec<Pattern>,
}

impl Patterns {
    const SLOTS: u32 = 1 << 9;

    fn new() -> Self {
        let slots = (0..Self::SLOTS).map(|_| Pattern::default());
        Self {
            slots: slots.collect(),
        }
    }

    /// Any place will do that is the same for the same pattern.
    fn slot(row: &ChoiceRow) -> usize {
        let parts = [
            row.holds,
            row.unknown,
            row.tier_holds,
            row.tier_unknown,
            u32::from(row.reserves) << 16 | u32::from(row.ceilings),
            u32::from(row.tier) << 1 | u32::from(row.kept),
        ];
        let mixed = parts.iter().fold(0u32, |hash, part| {
            (hash.rotate_left(5) ^ part).wrapping_mul(0x9e37_79b1)
        });
        (mixed >> 16 & (Self::SLOTS - 1)) as usize
    }

    fn write(&mut self, out: &mut Vec<u8>, choice: &ChoiceRow, provider: &[u8]) {
        let row = ChoiceRow {
            applicant: 0,
            position: 0,
            provider: 0,
            score: 0,
            ..*choice
        };
        let Some(pattern) = self.slots.get_mut(Self::slot(&row)) else {
            return;
        };
        if pattern.of != Some(row) {
            pattern.set(row);
        }
        out.extend_from_slice(&pattern.head);
        unsigned(out, u64::from(choice.position));
        out.extend_from_slice(provider);
        out.extend_from_slice(&pattern.middle);
        integer(out, choice.score);
        out.extend_from_slice(&pattern.tail);
    }
}

/// What one thread writes with.
struct Scratch {
    patterns: Patterns,
    out: Vec<u8>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            patterns: Patterns::new(),
            out: Vec::new(),
        }
    }
}

/// So many applicants are hashed with one buffer.
const BLOCK: usize = 1 << 10;

/// Returns each applicant's leaf hash; a choice of an applicant that is not there
/// is left out.
fn leaves(
    applicants: &[ApplicantRow],
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
) -> Vec<[u8; 32]> {
    let mut names: Vec<Vec<u8>> = providers
        .iter()
        .map(|p| provider_text(&p.provider))
        .collect();
    let nowhere = names.len();
    names.push(provider_text(""));
    let name = |choice: &ChoiceRow| names.get((choice.provider as usize).min(nowhere));
    let blocks: Vec<Vec<[u8; 32]>> = applicants
        .par_chunks(BLOCK)
        .enumerate()
        .map_init(Scratch::default, |scratch, (block, people)| {
            let Scratch { patterns, out } = scratch;
            let start = u32::try_from(block * BLOCK).unwrap_or(u32::MAX);
            let from = choices.partition_point(|c| c.applicant < start);
            let mut rest = choices.get(from..).unwrap_or_default();
            let hash = |(index, row): (u32, &ApplicantRow)| {
                let count = rest.iter().take_while(|c| c.applicant == index).count();
                let (own, after) = rest.split_at(count);
                rest = after;
                // What stands before the data of a leaf in RFC 6962.
                out.clear();
                out.push(0);
                let own = own.iter().filter_map(|c| Some((c, name(c)?)));
                write_row(out, patterns, row, own);
                sha256(out)
            };
            (start..).zip(people).map(hash).collect()
        })
        .collect();
    blocks.concat()
}

/// Returns the RFC 6962 root over everybody's rows, by ticket. The choices have to
/// stand by applicant.
#[must_use]
pub fn rows_root(
    applicants: &[ApplicantRow],
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
) -> [u8; 32] {
    merkle_root(&leaves(applicants, choices, providers))
}

/// Returns the path that proves one applicant's row against [`rows_root`].
#[must_use]
pub fn inclusion_proof(
    applicants: &[ApplicantRow],
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
    index: usize,
) -> Option<Vec<[u8; 32]>> {
    merkle_proof(&leaves(applicants, choices, providers), index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use minsheng_model::{Placement, Verdict};
    use serde_json::json;

    fn slow(row: &ApplicantRow, choices: &[ChoiceRow], provider: &str) -> Vec<u8> {
        let list: Vec<_> = choices
            .iter()
            .map(|c| {
                json!({
                    "position": c.position, "provider": provider, "holds": c.holds, "unknown": c.unknown,
                    "tier_holds": c.tier_holds, "tier_unknown": c.tier_unknown, "score": c.score,
                    "reserves": c.reserves, "ceilings": c.ceilings, "tier": c.tier,
                    "verdict": c.verdict, "kept": c.kept,
                })
            })
            .collect();
        crate::jcs(&json!({ "applicant": row, "choices": list })).unwrap()
    }

    /// More patterns than there are places for, in every order.
    #[test]
    fn leaves_are_the_hashes_of_the_rows() {
        let providers: Vec<ProviderRow> = ["a", "b\"", "丙"]
            .map(|name| ProviderRow {
                provider: name.to_owned(),
                capacity: 1,
                placed: 0,
                facts: vec![],
            })
            .into();
        let mut seed = 7u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        let mut people = Vec::new();
        let mut choices = Vec::new();
        for applicant in 0..2_500u32 {
            people.push(ApplicantRow {
                ticket: format!("T{applicant:05}"),
                draw_ticket: String::new(),
                holds: random(3),
                unknown: 0,
                verdict: Verdict::Eligible,
                placement: None,
                facts_hash: String::new(),
                groups: vec![],
            });
            for position in 1..=random(5) {
                choices.push(ChoiceRow {
                    applicant,
                    position: position * (1 + random(40)),
                    provider: random(4),
                    holds: random(3000),
                    unknown: random(2),
                    tier_holds: random(2),
                    tier_unknown: 0,
                    score: i64::from(random(2000)) - 1000,
                    reserves: 0,
                    ceilings: u16::from(random(2) == 1),
                    tier: 1,
                    verdict: Verdict::Eligible,
                    kept: random(9) == 0,
                });
            }
        }
        let expected: Vec<[u8; 32]> = (0u32..)
            .zip(&people)
            .map(|(index, row)| {
                let own: Vec<ChoiceRow> = choices
                    .iter()
                    .filter(|c| c.applicant == index)
                    .copied()
                    .collect();
                crate::leaf_hash(&row_leaf(row, &own, &providers))
            })
            .collect();
        assert_eq!(leaves(&people, &choices, &providers), expected);
    }

    #[test]
    fn is_the_canonical_json_of_the_rows() {
        let mut row = ApplicantRow {
            ticket: "T\"1".to_owned(),
            draw_ticket: "家".to_owned(),
            holds: u32::MAX,
            unknown: 0,
            verdict: Verdict::NotEligible,
            placement: None,
            facts_hash: "ab".to_owned(),
            groups: vec![None, Some("x\ny".to_owned())],
        };
        let choice = ChoiceRow {
            applicant: 0,
            position: 1,
            provider: 0,
            holds: 5,
            unknown: 2,
            tier_holds: 1,
            tier_unknown: 4,
            score: -(1 << 53),
            reserves: 3,
            ceilings: 9,
            tier: 2,
            verdict: Verdict::Undetermined,
            kept: true,
        };
        let provider = ProviderRow {
            provider: "p/\u{1}".to_owned(),
            capacity: 1,
            placed: 0,
            facts: vec![],
        };
        let providers = [provider];
        for door in [
            None,
            Some(Door::Kept),
            Some(Door::Open),
            Some(Door::Reserve(12)),
        ] {
            row.placement = door.map(|door| Placement {
                provider: "q".to_owned(),
                door,
                position: 3,
            });
            let list = [
                choice,
                ChoiceRow {
                    kept: false,
                    position: 2,
                    ..choice
                },
            ];
            assert_eq!(
                row_leaf(&row, &list, &providers),
                slow(&row, &list, "p/\u{1}")
            );
            assert_eq!(row_leaf(&row, &[], &providers), slow(&row, &[], ""));
        }
    }
}
