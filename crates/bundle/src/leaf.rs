use minsheng_model::{ApplicantRow, ChoiceRow, Door, ProviderRow};
use rayon::prelude::*;

use crate::json::{integer, optional, string, unsigned};
use crate::merkle::{leaf_hash, merkle_proof, merkle_root};

/// Returns the canonical JSON of one applicant's row with the own list: what a
/// leaf of the rows' tree is made of.
#[must_use]
pub fn row_leaf(
    applicant: &ApplicantRow,
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(320 + 192 * choices.len());
    out.extend_from_slice(b"{\"applicant\":");
    write_applicant(&mut out, applicant);
    out.extend_from_slice(b",\"choices\":[");
    for (index, choice) in choices.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let provider = providers.get(choice.provider as usize);
        write_choice(&mut out, choice, provider.map_or("", |p| &p.provider));
    }
    out.extend_from_slice(b"]}");
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

fn write_choice(out: &mut Vec<u8>, row: &ChoiceRow, provider: &str) {
    out.extend_from_slice(b"{\"ceilings\":");
    unsigned(out, u64::from(row.ceilings));
    out.extend_from_slice(b",\"holds\":");
    unsigned(out, u64::from(row.holds));
    out.extend_from_slice(if row.kept {
        b",\"kept\":true"
    } else {
        b",\"kept\":false"
    });
    out.extend_from_slice(b",\"position\":");
    unsigned(out, u64::from(row.position));
    out.extend_from_slice(b",\"provider\":");
    string(out, provider);
    out.extend_from_slice(b",\"reserves\":");
    unsigned(out, u64::from(row.reserves));
    out.extend_from_slice(b",\"score\":");
    integer(out, row.score);
    out.extend_from_slice(b",\"tier\":");
    unsigned(out, u64::from(row.tier));
    out.extend_from_slice(b",\"tier_holds\":");
    unsigned(out, u64::from(row.tier_holds));
    out.extend_from_slice(b",\"tier_unknown\":");
    unsigned(out, u64::from(row.tier_unknown));
    out.extend_from_slice(b",\"unknown\":");
    unsigned(out, u64::from(row.unknown));
    out.extend_from_slice(b",\"verdict\":");
    string(out, row.verdict.as_str());
    out.push(b'}');
}

/// Returns each applicant's leaf hash; a choice of an applicant that is not there
/// is left out.
fn leaves(
    applicants: &[ApplicantRow],
    choices: &[ChoiceRow],
    providers: &[ProviderRow],
) -> Vec<[u8; 32]> {
    let indexed: Vec<(u32, &ApplicantRow)> = (0u32..).zip(applicants).collect();
    indexed
        .par_iter()
        .with_min_len(256)
        .map(|(index, row)| {
            let from = choices.partition_point(|c| c.applicant < *index);
            let rest = choices.get(from..).unwrap_or_default();
            let count = rest.iter().take_while(|c| c.applicant == *index).count();
            let own = rest.get(..count).unwrap_or_default();
            leaf_hash(&row_leaf(row, own, providers))
        })
        .collect()
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
