//! What every row says of itself: masks, verdicts, tiers, lists.

use minsheng_bundle::{Contents, unhex};
use minsheng_model::{ChoiceRow, Combine, Rules, Scope, Verdict};
use rayon::prelude::*;

use crate::lists::{Lists, choice_name, usable};
use crate::report::{Checks, Found, offends};

/// Scores are within 2^53, so that every JSON reader keeps them.
const SCORE_MAX: u64 = 1 << 53;

fn fits(mask: u32, bits: usize) -> bool {
    u32::try_from(bits).is_ok_and(|b| mask.checked_shr(b).unwrap_or(0) == 0)
}

fn first_choice(
    contents: &Contents,
    zh: &str,
    en: &str,
    right: impl Fn(&ChoiceRow) -> bool + Sync,
) -> Found {
    let found = contents.choices.par_iter().find_first(|c| !right(c))?;
    Some(offends(&choice_name(contents, found), zh, en))
}

/// Checks every row by itself and every list.
pub(crate) fn check(contents: &Contents, lists: &Lists, checks: &mut Checks) {
    let rows = contents.applicants.len() + contents.choices.len();
    checks.add(
        "masks",
        "位掩码只用到已声明的条件",
        "masks use declared bits only",
        rows,
        masks(contents),
    );
    checks.add(
        "verdicts",
        "由条件得出结论",
        "masks give the verdicts",
        rows,
        verdicts(contents),
    );
    checks.add(
        "facts-hashes",
        "事实散列的格式",
        "the hashes of facts are hashes, where there is a secret",
        contents.applicants.len(),
        facts_hashes(contents),
    );
    let right = |c: &ChoiceRow| c.tier == tier(&contents.rules, c);
    let found = first_choice(contents, "优先级有误", "has a wrong tier", right);
    checks.add(
        "tiers",
        "由条件得出优先级",
        "masks give the tiers",
        contents.choices.len(),
        found,
    );
    checks.add(
        "lists",
        "志愿表内无重复",
        "no list names a provider twice",
        contents.applicants.len(),
        repeats(contents, lists),
    );
    let found = groups(contents);
    checks.add(
        "groups",
        "分组互不重叠",
        "groups do not overlap",
        contents.choices.len(),
        found,
    );
}

/// Checks every row by itself where there are no lists.
pub(crate) fn check_applicants(contents: &Contents, checks: &mut Checks) {
    let people = contents.applicants.len();
    checks.add(
        "masks",
        "位掩码只用到已声明的条件",
        "masks use declared bits only",
        people,
        masks(contents),
    );
    checks.add(
        "verdicts",
        "由条件得出结论",
        "masks give the verdicts",
        people,
        verdicts(contents),
    );
    checks.add(
        "facts-hashes",
        "事实散列的格式",
        "the hashes of facts are hashes, where there is a secret",
        people,
        facts_hashes(contents),
    );
}

fn facts_hashes(contents: &Contents) -> Found {
    let sealed = contents.rules.secret.is_some();
    let right = |hash: &str| {
        if sealed {
            unhex(hash).is_some()
        } else {
            hash.is_empty()
        }
    };
    let wrong = contents
        .applicants
        .par_iter()
        .find_first(|a| !right(&a.facts_hash))?;
    Some(offends(
        &wrong.ticket,
        "事实散列有误",
        "has no right hash of facts",
    ))
}

fn masks(contents: &Contents) -> Found {
    let rules = &contents.rules;
    // Where no rule says that unknown counts as not met, a tier is never unknown.
    let may_be_unknown = rules
        .tiers
        .iter()
        .enumerate()
        .fold(0u32, |mask, (bit, tier)| {
            mask | u32::from(tier.unknown_cite.is_some()) << bit
        });
    let own = rules.clauses_of(Scope::Applicant).count();
    let right =
        |holds: u32, unknown: u32, bits: usize| holds & unknown == 0 && fits(holds | unknown, bits);
    if let Some(wrong) = contents
        .applicants
        .par_iter()
        .find_first(|a| !right(a.holds, a.unknown, own))
    {
        return Some(offends(&wrong.ticket, "位掩码有误", "has a wrong mask"));
    }
    let clauses = rules.clauses_of(Scope::Choice).count();
    first_choice(
        contents,
        "位掩码或分数有误",
        "has a wrong mask or score",
        |c| {
            right(c.holds, c.unknown, clauses)
                && right(c.tier_holds, c.tier_unknown, rules.tiers.len())
                && c.tier_unknown & !may_be_unknown == 0
                && fits(u32::from(c.reserves), rules.reserves.len())
                && fits(u32::from(c.ceilings), rules.ceilings.len())
                && c.score.unsigned_abs() <= SCORE_MAX
                && (rules.score.is_some() || c.score == 0)
                && (rules.current_provider.is_some() || !c.kept)
        },
    )
}

/// Returns what the masks of a choice give.
pub(crate) fn choice_verdict(rules: &Rules, holds: u32, unknown: u32) -> Verdict {
    let rule: Option<&Combine> = rules.choice_eligibility.as_ref();
    rule.map_or(Verdict::Eligible, |r| {
        minsheng_spec::combine(r, holds, unknown)
    })
}

fn verdicts(contents: &Contents) -> Found {
    let rules = &contents.rules;
    let wrong = contents.applicants.par_iter().find_first(|a| {
        minsheng_spec::combine(&rules.eligibility, a.holds, a.unknown) != a.verdict
    });
    if let Some(wrong) = wrong {
        return Some(offends(&wrong.ticket, "结论有误", "has a wrong verdict"));
    }
    first_choice(contents, "结论有误", "has a wrong verdict", |c| {
        choice_verdict(rules, c.holds, c.unknown) == c.verdict
    })
}

/// Returns the tier that follows from a choice's mask.
pub(crate) fn tier(rules: &Rules, choice: &ChoiceRow) -> u8 {
    if choice.kept {
        return 0;
    }
    let met = (0..rules.tiers.len()).find(|bit| choice.tier_holds >> bit & 1 == 1);
    u8::try_from(met.unwrap_or(rules.tiers.len()) + 1).unwrap_or(u8::MAX)
}

fn repeats(contents: &Contents, lists: &Lists) -> Found {
    let wrong = contents
        .applicants
        .par_iter()
        .enumerate()
        .find_first(|(index, _)| {
            let list = lists.of(contents, *index);
            let mut providers: Vec<u32> = list.iter().map(|c| c.provider).collect();
            providers.sort_unstable();
            let twice = providers.windows(2).any(|pair| pair.first() == pair.last());
            twice || list.iter().filter(|c| c.kept).count() > 1
        });
    wrong.map(|(_, a)| {
        offends(
            &a.ticket,
            "重复填报或保留多于一处",
            "lists a provider twice or keeps two seats",
        )
    })
}

/// The doors mean what they say only where nobody's groups overlap.
fn groups(contents: &Contents) -> Found {
    first_choice(
        contents,
        "分组重叠",
        "is in two ceilings, or in a ceiling and a reserve",
        |c| {
            let Some(applicant) = contents.applicants.get(c.applicant as usize) else {
                return false;
            };
            let ceilings = c.ceilings.count_ones();
            c.kept || !usable(applicant, c) || ceilings == 0 || ceilings == 1 && c.reserves == 0
        },
    )
}
