//! What is proved of a decision, without the solver.

use std::borrow::Cow;

use minsheng_matching as matching;
use minsheng_spec::market::Seats;
use minsheng_verify::matching as verify;
use serde::Serialize;

use crate::decide::{Decision, Largest, classes};
use crate::input::{Instance, Mechanism};
use crate::market::Built;

/// What was checked by other code than the solver's.
#[derive(Serialize)]
pub(crate) struct Certificate {
    pub mechanism: Mechanism,
    /// No applicant (or couple) and provider prefer each other to what they have, and
    /// every provider keeps the people it has. Where the mechanism keeps ties, only
    /// strictly higher priority counts; under caps the providers choose together; with
    /// families and minimums it is said of the lists as decided.
    pub stable: bool,
    /// No stable result is better for any applicant; absent where that is not claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applicant_optimal: Option<bool>,
    /// There is no other stable result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// No result at all is better for some applicants and worse for none; only known
    /// for plain seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efficient: Option<bool>,
    /// How many entries liked better than the result were looked at.
    pub checked: u64,
    /// How many are placed.
    pub placed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Most>,
    /// For couples: how the result was found, or that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<&'static str>,
}

/// How many a stable result can place at most, and the proof by cases.
#[derive(Serialize)]
pub(crate) struct Most {
    /// `proved-largest`, or `at most K below the largest`.
    pub status: String,
    /// No stable result places more.
    pub bound: u64,
    /// The result places that many.
    pub reached: bool,
    /// How many fewer than the bound it places.
    pub below: u64,
    /// How many cases the search looked at.
    pub nodes: u64,
    pub proof: Vec<Case>,
}

/// A part of the proof; after a split comes everything of its first side (`applicant`
/// gets `provider` or something better), then of its second (something worse).
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Case {
    Split {
        applicant: String,
        provider: String,
    },
    /// Every entry still possible is of one of these or at one of these.
    Cover {
        applicants: Vec<String>,
        providers: Vec<String>,
    },
    /// Nothing stable is on this side.
    Nothing,
}

/// Something that blocks: applicants with a better entry each.
pub(crate) type Blocks = Vec<Vec<(u32, Option<u32>)>>;

/// Checks a decision.
///
/// # Errors
/// What the mechanism promises and the decision does not keep.
pub(crate) fn certify(
    instance: &Instance,
    built: &Built,
    decision: &Decision,
) -> Result<(Certificate, Blocks), String> {
    let (mut found, blocks) = proved(instance, built, decision)?;
    if let Some(largest) = &decision.largest {
        let key = keys(instance, &decision.market);
        let groups = groups(&decision.market);
        let view = view(&decision.market, built, &key, &groups);
        found.most = Some(most(&view, instance, largest, found.placed)?);
    }
    promised(instance, built, decision, &mut found)?;
    Ok((found, blocks))
}

/// Where ties are kept, classes take the place of keys.
fn is_weak(instance: &Instance) -> bool {
    matches!(
        instance.mechanism,
        Mechanism::StableImprovementCycles | Mechanism::MaximumSize
    )
}

fn keys<'a>(instance: &Instance, market: &'a matching::Market) -> Cow<'a, [u64]> {
    if is_weak(instance) {
        classes(market).into_iter().map(u64::from).collect()
    } else {
        Cow::Borrowed(&market.key)
    }
}

fn groups(market: &matching::Market) -> Vec<verify::Groups> {
    market.groups.iter().map(|g| unpack(*g)).collect()
}

fn view<'a>(
    market: &'a matching::Market,
    built: &'a Built,
    key: &'a [u64],
    groups: &'a [verify::Groups],
) -> verify::View<'a, u64> {
    verify::View {
        first: &market.first,
        provider: &market.provider,
        key,
        groups,
        seats: &built.seats,
    }
}

/// Returns what can be told of a decision without any solver, and what blocks it.
///
/// # Errors
/// What cannot be a decision at all: people who did not list where they are, seats that
/// are exceeded, families that are divided.
pub(crate) fn proved(
    instance: &Instance,
    built: &Built,
    decision: &Decision,
) -> Result<(Certificate, Blocks), String> {
    let market = &decision.market;
    let (key, groups) = (keys(instance, market), groups(market));
    let view = view(market, built, &key, &groups);
    let plain = is_plain(built);
    let mut found = Certificate {
        mechanism: instance.mechanism,
        stable: false,
        applicant_optimal: None,
        unique: None,
        efficient: None,
        checked: looked(&view, &decision.got),
        placed: decision.got.iter().flatten().count() as u64,
        most: None,
        search: None,
    };
    let blocks = if let Some(caps) = &built.extras.caps {
        under_caps(&view, caps, decision, &mut found)?
    } else if built.extras.couples.is_some() {
        joint(&view, built, decision, &mut found)?
    } else {
        let faults = verify::faults(&view, &decision.got);
        if let Some(fault) = faults
            .first()
            .filter(|_| doors_count(instance.mechanism, plain))
        {
            return Err(format!("{fault:?}"));
        }
        if plain {
            found.efficient = Some(verify::inefficiency(&view, &decision.got).is_none());
        }
        let pairs = verify::blocking(&view, &decision.got);
        found.stable = pairs.is_empty() && faults.is_empty();
        if found.stable && !is_weak(instance) {
            let better = verify::improvement(&view, &decision.got);
            found.applicant_optimal = Some(better.is_none());
        }
        pairs.into_iter().map(|(a, e)| vec![(a, Some(e))]).collect()
    };
    together(&view, built, decision)?;
    Ok((found, blocks))
}

/// Returns whether all seats are open to all.
fn is_plain(built: &Built) -> bool {
    let plain = |s: &Seats| s.reserves.is_empty() && s.ceilings.is_empty();
    built.seats.iter().all(plain)
}

/// Refuses a family that is neither at one site nor without a place.
fn together(
    view: &verify::View<'_, u64>,
    built: &Built,
    decision: &Decision,
) -> Result<(), String> {
    if let Some(families) = &built.extras.families {
        let together =
            |(i, _): &(usize, &Vec<u32>)| families.wish.get(*i) == Some(&matching::Wish::Together);
        let members = families.members.iter().enumerate().filter(together);
        let members: Vec<Vec<u32>> = members.map(|(_, m)| m.clone()).collect();
        if !verify::apart(view, &members, &families.site, &decision.got).is_empty() {
            return Err("a family is divided".into());
        }
    }
    Ok(())
}

/// Checks the bound on how many can be placed.
fn most(
    view: &verify::View<'_, u64>,
    instance: &Instance,
    largest: &Largest,
    placed: u64,
) -> Result<Most, String> {
    let parts: Vec<verify::Part> = largest.proof.iter().map(part).collect();
    if verify::at_most(view, &parts).is_none_or(|bound| bound.max(placed) != largest.bound) {
        return Err("the bound is not proved".into());
    }
    let applicant = |a: &u32| instance.applicants.get(*a as usize).map(|a| a.id.0.clone());
    let provider = |p: &u32| instance.providers.get(*p as usize).map(|p| p.id.0.clone());
    let case = |part: verify::Part| match part {
        verify::Part::Split {
            applicant: own,
            entry,
        } => {
            let start = view.first.get(own as usize).copied().unwrap_or(0);
            let to = view.provider.get((start + entry) as usize);
            Case::Split {
                applicant: applicant(&own).unwrap_or_default(),
                provider: to.and_then(provider).unwrap_or_default(),
            }
        }
        verify::Part::Cover {
            applicants,
            providers,
        } => Case::Cover {
            applicants: applicants.iter().filter_map(applicant).collect(),
            providers: providers.iter().filter_map(provider).collect(),
        },
        verify::Part::Nothing => Case::Nothing,
    };
    let below = largest.bound.saturating_sub(placed);
    Ok(Most {
        status: match below {
            0 => "proved-largest".to_owned(),
            _ => format!("at most {below} below the largest"),
        },
        bound: largest.bound,
        reached: below == 0,
        below,
        nodes: largest.nodes,
        proof: parts.into_iter().map(case).collect(),
    })
}

fn part(own: &matching::Part) -> verify::Part {
    match own {
        matching::Part::Split { applicant, entry } => verify::Part::Split {
            applicant: *applicant,
            entry: *entry,
        },
        matching::Part::Cover {
            applicants,
            providers,
        } => verify::Part::Cover {
            applicants: applicants.clone(),
            providers: providers.clone(),
        },
        matching::Part::Nothing => verify::Part::Nothing,
    }
}

/// Returns whether the doors have to be those of the providers' choice.
fn doors_count(mechanism: Mechanism, plain: bool) -> bool {
    plain
        || matches!(
            mechanism,
            Mechanism::DeferredAcceptance | Mechanism::ProviderProposing
        )
}

/// Refuses what falls short of the mechanism's promise.
fn promised(
    instance: &Instance,
    built: &Built,
    decision: &Decision,
    found: &mut Certificate,
) -> Result<(), String> {
    let plain = is_plain(built);
    let lacks = |what: &str| Err(format!("it is not {what}"));
    let optimal = found.applicant_optimal == Some(true);
    match instance.mechanism {
        Mechanism::DeferredAcceptance if decision.joint.is_some() => {}
        Mechanism::DeferredAcceptance if !(found.stable && optimal) => {
            return lacks("the best stable result");
        }
        Mechanism::ProviderProposing
        | Mechanism::StableImprovementCycles
        | Mechanism::MaximumSize
            if !found.stable =>
        {
            return lacks("stable");
        }
        Mechanism::TopTradingCycles | Mechanism::SerialDictatorship
            if plain && found.efficient != Some(true) =>
        {
            return lacks("efficient");
        }
        Mechanism::EfficiencyAdjusted
            if built.extras.consent.iter().all(|c| *c) && found.efficient != Some(true) =>
        {
            return lacks("efficient");
        }
        _ => {}
    }
    let one = built.extras.caps.is_none() && built.extras.couples.is_none();
    if found.stable && found.applicant_optimal.is_some() && one {
        let other = if instance.mechanism == Mechanism::ProviderProposing {
            matching::deferred_acceptance(&decision.market)
        } else {
            matching::provider_proposing(&decision.market)
        };
        let other = other.map_err(|e| e.to_string())?;
        let own = decision.got.iter().map(|g| g.map(|(e, _)| e));
        let either = matches!(
            instance.mechanism,
            Mechanism::DeferredAcceptance | Mechanism::ProviderProposing
        );
        found.unique = either.then(|| other.entry.iter().copied().eq(own));
    }
    Ok(())
}

fn unpack(groups: u32) -> verify::Groups {
    let (kept, reserves, ceilings) = matching::unpack_groups(groups);
    verify::Groups {
        kept,
        reserves,
        ceilings,
    }
}

fn looked(view: &verify::View<'_, u64>, got: &verify::Got) -> u64 {
    let lists = view.first.windows(2).zip(got);
    let better = lists.map(|(bounds, got)| match (bounds, got) {
        (_, Some((entry, _))) => u64::from(*entry),
        ([start, end], None) => u64::from(end - start),
        _ => 0,
    });
    better.sum()
}

fn under_caps(
    view: &verify::View<'_, u64>,
    caps: &matching::Caps,
    decision: &Decision,
    found: &mut Certificate,
) -> Result<Blocks, String> {
    let some = |n: &u32| (*n != matching::Caps::NONE).then_some(*n);
    let parent: Vec<Option<u32>> = caps.parent.iter().map(some).collect();
    let node: Vec<Option<u32>> = caps.node.iter().map(some).collect();
    let own = verify::Caps {
        parent: &parent,
        most: &caps.most,
        node: &node,
        turn: match &caps.turn {
            matching::Turn::Master => verify::Turn::Master,
            matching::Turn::Providers(target) => verify::Turn::Providers(target),
        },
    };
    let (providers, nodes, pairs) = verify::caps_blocking(view, own, &decision.got);
    if !providers.is_empty() || !nodes.is_empty() {
        return Err("a cap is exceeded".into());
    }
    if let Some(fault) = verify::faults(view, &decision.got).first() {
        return Err(format!("{fault:?}"));
    }
    found.stable = pairs.is_empty();
    let better = verify::caps_improvement(view, own, &decision.got);
    found.applicant_optimal = Some(found.stable && better.is_none());
    Ok(pairs.into_iter().map(|(a, e)| vec![(a, Some(e))]).collect())
}

fn joint(
    view: &verify::View<'_, u64>,
    built: &Built,
    decision: &Decision,
    found: &mut Certificate,
) -> Result<Blocks, String> {
    let (Some(own), Some(joint)) = (&built.extras.couples, &decision.joint) else {
        return Ok(Vec::new());
    };
    let couples: Vec<verify::Couple> = own
        .members
        .iter()
        .zip(&own.pairs)
        .map(|(members, pairs)| verify::Couple {
            members: *members,
            pairs: pairs.clone(),
        })
        .collect();
    let (wrong, over, blocks) = verify::couples_blocking(view, &couples, &decision.got);
    if !wrong.is_empty() || !over.is_empty() || blocks.len() != joint.blocking {
        return Err("a couple has something that is not on its list, or a block was missed".into());
    }
    found.stable = blocks.is_empty();
    found.search = Some(match joint.search {
        matching::Search::Inserted => "inserted",
        matching::Search::Found => "found-by-looking",
        matching::Search::NoneExists => "none-exists",
        matching::Search::Unknown => "unknown",
    });
    let told = blocks.into_iter().map(|block| match block {
        verify::CouplesBlock::Single(applicant, entry) => vec![(applicant, Some(entry))],
        verify::CouplesBlock::Couple(couple, pair) => {
            let own = couples.get(couple);
            let pair = own.and_then(|c| c.pairs.get(pair)).copied();
            let members = own.map_or([u32::MAX; 2], |c| c.members);
            members.into_iter().zip(pair.unwrap_or_default()).collect()
        }
    });
    Ok(told.collect())
}
