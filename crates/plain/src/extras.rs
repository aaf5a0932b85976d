//! Orders, consent, caps, families and couples.

use std::collections::{HashMap, HashSet};

use minsheng_matching as matching;

use crate::input::{FamilyWish, Id, Instance, Mechanism};
use crate::market::{Builder, Built, Standing, wish};

const NONE: u32 = u32::MAX;

/// What goes beyond lists and seats.
#[derive(Default)]
pub(crate) struct Extras {
    /// The place of each applicant, for serial dictatorship.
    pub order: Vec<u32>,
    pub consent: Vec<bool>,
    pub caps: Option<matching::Caps>,
    pub families: Option<Families>,
    pub couples: Option<Couples>,
}

/// Families as far as the instance tells; the keys come later.
pub(crate) struct Families {
    pub family: Vec<u32>,
    pub wish: Vec<matching::Wish>,
    pub grade: Vec<u32>,
    pub site: Vec<u32>,
    pub members: Vec<Vec<u32>>,
}

/// Couples, and their pairs as entries counted on the members' own lists.
pub(crate) struct Couples {
    pub members: Vec<[u32; 2]>,
    pub pairs: Vec<Vec<[Option<u32>; 2]>>,
}

/// Reads everything beyond lists and seats into the market.
pub(crate) fn read(
    builder: &mut Builder<'_>,
    instance: &Instance,
    standing: &[HashMap<u32, Standing>],
    built: &mut Built,
) {
    allowed(builder, instance);
    if instance.mechanism == Mechanism::SerialDictatorship {
        match (&instance.order, &instance.tie_break) {
            (Some(order), _) => built.extras.order = builder.places("/order", order, instance),
            (None, Some(order)) => {
                built.extras.order = builder.places("/tie_break", order, instance);
            }
            (None, None) => builder.mistake(
                "/mechanism".into(),
                "缺少 `order`:请给出全部申请人的先后".into(),
                "`order` is missing: give one order of all applicants".into(),
            ),
        }
    }
    built.extras.consent = vec![instance.consent.is_none(); instance.applicants.len()];
    for (index, id) in instance.consent.iter().flatten().enumerate() {
        let at = format!("/consent/{index}");
        if let Some(applicant) = known_applicant(builder, at, id)
            && let Some(flag) = built.extras.consent.get_mut(applicant as usize)
        {
            *flag = true;
        }
    }
    if !instance.couples.is_empty() {
        built.extras.couples = Some(couples(builder, instance, standing, built));
    }
    if !instance.families.is_empty() {
        built.extras.families = Some(families(builder, instance));
    }
    if !instance.caps.is_empty() {
        built.extras.caps = crate::caps::caps(builder, instance, standing, built);
    }
}

/// Caps, couples, families and minimums go with deferred acceptance, one at a time.
fn allowed(builder: &mut Builder<'_>, instance: &Instance) {
    let minimum = instance.providers.iter().position(|p| p.minimum > 0);
    let used: Vec<String> = [
        (!instance.caps.is_empty()).then(|| "/caps".to_owned()),
        (!instance.families.is_empty()).then(|| "/families".to_owned()),
        (!instance.couples.is_empty()).then(|| "/couples".to_owned()),
        minimum.map(|i| format!("/providers/{i}/minimum")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if instance.mechanism != Mechanism::DeferredAcceptance {
        for pointer in &used {
            builder.mistake(
                pointer.clone(),
                "只能与 `deferred-acceptance` 同用".into(),
                "goes with `deferred-acceptance` only".into(),
            );
        }
    }
    for pointer in used.iter().skip(1) {
        builder.mistake(
            pointer.clone(),
            "上限树、家庭、双人申请、最低人数不能同时使用".into(),
            "caps, families, couples and minimums cannot be used together".into(),
        );
    }
    let plain = !matches!(
        instance.mechanism,
        Mechanism::DeferredAcceptance
            | Mechanism::ProviderProposing
            | Mechanism::ImmediateAcceptance
            | Mechanism::SerialDictatorship
    ) || !instance.couples.is_empty();
    for (index, provider) in instance.providers.iter().enumerate().filter(|_| plain) {
        let groups = [
            ("reserves", !provider.reserves.is_empty()),
            ("ceilings", !provider.ceilings.is_empty()),
        ];
        for (kind, _) in groups.iter().filter(|(_, used)| *used) {
            builder.mistake(
                format!("/providers/{index}/{kind}"),
                "此机制只用于普通名额".into(),
                "this mechanism knows plain seats only".into(),
            );
        }
    }
}

fn known_applicant(builder: &mut Builder<'_>, at: String, id: &Id) -> Option<u32> {
    let found = builder.applicant_of.get(id.as_str());
    if found.is_none() {
        builder.unknown(at, id.as_str(), "申请人", "applicant");
    }
    found
}

fn couples(
    builder: &mut Builder<'_>,
    instance: &Instance,
    standing: &[HashMap<u32, Standing>],
    built: &mut Built,
) -> Couples {
    let mut own = Couples {
        members: Vec::new(),
        pairs: Vec::new(),
    };
    let mut seen = HashSet::new();
    for (index, couple) in instance.couples.iter().enumerate() {
        let mut members = [NONE; 2];
        for (place, (id, slot)) in couple.members.iter().zip(&mut members).enumerate() {
            let at = format!("/couples/{index}/members/{place}");
            let Some(applicant) = known_applicant(builder, at.clone(), id) else {
                continue;
            };
            if !seen.insert(applicant) {
                builder.twice(at, id.as_str());
            }
            *slot = applicant;
            let list = instance.applicants.get(applicant as usize);
            if list.is_some_and(|a| !a.preferences.is_empty()) {
                builder.mistake(
                    format!("/applicants/{applicant}/preferences"),
                    "双人申请的成员只按双人志愿安排:此处须为空".into(),
                    "a member of a couple asks by the couple's pairs only: leave this empty".into(),
                );
            }
        }
        let mut pairs: Vec<[Option<u32>; 2]> = Vec::new();
        for (place, pair) in couple.preferences.iter().enumerate() {
            let mut entries = [None; 2];
            let mut acceptable = true;
            for (side, ((id, member), slot)) in
                pair.iter().zip(members).zip(&mut entries).enumerate()
            {
                let Some(id) = id else { continue };
                let at = format!("/couples/{index}/preferences/{place}/{side}");
                let Some(provider) = builder.provider_of.get(id.as_str()) else {
                    builder.unknown(at, id.as_str(), "供给方", "provider");
                    continue;
                };
                *slot = joint_entry(standing, built, member, provider);
                acceptable &= slot.is_some();
            }
            if acceptable && pairs.contains(&entries) {
                builder.mistake(
                    format!("/couples/{index}/preferences/{place}"),
                    "此组合出现两次".into(),
                    "this pair is named twice".into(),
                );
            }
            if acceptable {
                pairs.push(entries);
            }
        }
        own.members.push(members);
        own.pairs.push(pairs);
    }
    own
}

/// Returns the entry of a member at a provider, added to the own list when new.
fn joint_entry(
    standing: &[HashMap<u32, Standing>],
    built: &mut Built,
    member: u32,
    provider: u32,
) -> Option<u32> {
    let list = built.lists.get_mut(member as usize)?;
    if let Some(place) = list.iter().position(|w| w.provider == provider as usize) {
        return u32::try_from(place).ok();
    }
    let Some(wish) = wish(standing, member, provider) else {
        let left_out = (member, provider);
        if !built.not_acceptable.contains(&left_out) {
            built.not_acceptable.push(left_out);
        }
        return None;
    };
    list.push(wish);
    u32::try_from(list.len() - 1).ok()
}

fn families(builder: &mut Builder<'_>, instance: &Instance) -> Families {
    let mut own = Families {
        family: vec![NONE; instance.applicants.len()],
        wish: Vec::new(),
        grade: instance.applicants.iter().map(|a| a.grade).collect(),
        site: Vec::new(),
        members: Vec::new(),
    };
    for (number, family) in (0u32..).zip(&instance.families) {
        let mut members = Vec::new();
        for (place, id) in family.members.iter().enumerate() {
            let at = format!("/families/{number}/members/{place}");
            let Some(applicant) = known_applicant(builder, at.clone(), id) else {
                continue;
            };
            match own.family.get_mut(applicant as usize) {
                Some(slot) if *slot == NONE => *slot = number,
                _ => builder.twice(at, id.as_str()),
            }
            members.push(applicant);
        }
        own.members.push(members);
        own.wish.push(match family.wish {
            FamilyWish::Priority => matching::Wish::Priority,
            FamilyWish::Linked => matching::Wish::Linked,
            FamilyWish::Together => matching::Wish::Together,
        });
    }
    let mut sites: HashMap<&str, u32> = HashMap::new();
    for provider in &instance.providers {
        let site = provider.site.as_ref().unwrap_or(&provider.id).as_str();
        let next = u32::try_from(sites.len()).unwrap_or(NONE);
        own.site.push(*sites.entry(site).or_insert(next));
    }
    let mut grades: HashMap<u32, u32> = HashMap::new();
    for (index, applicant) in instance.applicants.iter().enumerate() {
        for (place, id) in applicant.preferences.iter().enumerate() {
            let Some(provider) = builder.provider_of.get(id) else {
                continue;
            };
            let first = *grades.entry(provider).or_insert(applicant.grade);
            if first != applicant.grade {
                let grade = applicant.grade;
                builder.mistake(
                    format!("/applicants/{index}/preferences/{place}"),
                    format!("`{id}` 已有年级 {first} 的申请人,此人为年级 {grade}:每个供给方只收一个年级,同一地点用 `site` 标明"),
                    format!("`{id}` is asked for from grade {first} and here from grade {grade}: a provider has places for one grade, and `site` says which are at one place"),
                );
            }
        }
    }
    own
}
