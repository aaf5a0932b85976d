//! Orders, consent, caps, families and couples.

use std::collections::{HashMap, HashSet};

use minsheng_matching as matching;

use crate::input::{CapOrder, FamilyWish, Id, Instance, Mechanism};
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
        built.extras.caps = caps(builder, instance, built);
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
    ) || !instance.caps.is_empty()
        || !instance.couples.is_empty();
    let caps = !instance.caps.is_empty();
    for (index, provider) in instance.providers.iter().enumerate().filter(|_| plain) {
        let groups = [
            ("reserves", !provider.reserves.is_empty()),
            ("ceilings", !provider.ceilings.is_empty()),
            ("kept", caps && !provider.kept.is_empty()),
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
    let found = builder.applicant_of.get(id.as_str()).copied();
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
                let Some(&provider) = builder.provider_of.get(id.as_str()) else {
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
            let Some(provider) = builder.provider_of.get(id.as_str()).copied() else {
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

fn caps(
    builder: &mut Builder<'_>,
    instance: &Instance,
    built: &mut Built,
) -> Option<matching::Caps> {
    let (parent, node) = forest(builder, instance)?;
    // The solver wants a node's parent before it.
    let depth = |mut n: u32| {
        let mut depth = 0usize;
        while let Some(above) = parent.get(n as usize).copied().filter(|p| *p != NONE) {
            n = above;
            depth += 1;
            if depth > parent.len() {
                return None;
            }
        }
        Some(depth)
    };
    let mut order: Vec<(usize, u32)> = Vec::new();
    for number in (0u32..).take(parent.len()) {
        let Some(depth) = depth(number) else {
            builder.mistake(
                format!("/caps/{number}"),
                "上限互相包含".into(),
                "these caps contain each other".into(),
            );
            return None;
        };
        order.push((depth, number));
    }
    order.sort_unstable();
    let mut place = vec![NONE; parent.len()];
    for (new, (_, old)) in (0u32..).zip(&order) {
        if let Some(slot) = place.get_mut(*old as usize) {
            *slot = new;
        }
    }
    let placed = |n: u32| place.get(n as usize).copied().unwrap_or(NONE);
    let of = |old: u32| instance.caps.get(old as usize);
    let own = matching::Caps {
        parent: order
            .iter()
            .map(|(_, old)| placed(parent.get(*old as usize).copied().unwrap_or(NONE)))
            .collect(),
        most: order
            .iter()
            .map(|(_, old)| of(*old).map_or(0, |c| c.capacity))
            .collect(),
        node: node.iter().map(|n| placed(*n)).collect(),
        turn: match instance.cap_order {
            CapOrder::People => matching::Turn::Master,
            CapOrder::Providers => {
                matching::Turn::Providers(instance.providers.iter().map(|p| p.target).collect())
            }
        },
    };
    if instance.cap_order == CapOrder::People {
        master(builder, instance, built, &parent, &node);
    }
    Some(own)
}

/// Returns the cap above each cap and above each provider.
fn forest(builder: &mut Builder<'_>, instance: &Instance) -> Option<(Vec<u32>, Vec<u32>)> {
    let mut cap_of: HashMap<&str, u32> = HashMap::new();
    let mut sound = true;
    for (number, cap) in (0u32..).zip(&instance.caps) {
        let taken = builder.provider_of.contains_key(cap.id.as_str());
        if cap_of.insert(cap.id.as_str(), number).is_some() || taken {
            builder.twice(format!("/caps/{number}/id"), cap.id.as_str());
            sound = false;
        }
    }
    let mut parent = vec![NONE; instance.caps.len()];
    let mut node = vec![NONE; instance.providers.len()];
    for (number, cap) in (0u32..).zip(&instance.caps) {
        for (index, id) in cap.members.iter().enumerate() {
            let at = format!("/caps/{number}/members/{index}");
            let slot = match (
                builder.provider_of.get(id.as_str()),
                cap_of.get(id.as_str()),
            ) {
                (Some(provider), _) => node.get_mut(*provider as usize),
                (None, Some(inner)) => parent.get_mut(*inner as usize),
                (None, None) => {
                    builder.unknown(at, id.as_str(), "供给方或上限", "provider or cap");
                    sound = false;
                    continue;
                }
            };
            match slot {
                Some(slot) if *slot == NONE => *slot = number,
                _ => {
                    sound = false;
                    builder.mistake(
                        at,
                        format!("`{id}` 已属另一上限:上限只能层层嵌套"),
                        format!("`{id}` is under another cap already: caps have to be nested"),
                    );
                }
            }
        }
    }
    sound.then_some((parent, node))
}

/// Gives everybody one key in each tree of caps.
fn master(
    builder: &mut Builder<'_>,
    instance: &Instance,
    built: &mut Built,
    parent: &[u32],
    node: &[u32],
) {
    let root = |provider: usize| {
        let mut top = node.get(provider).copied().filter(|n| *n != NONE)?;
        // The forest has been seen to have no circle.
        while let Some(above) = parent.get(top as usize).copied().filter(|p| *p != NONE) {
            top = above;
        }
        Some(top)
    };
    for (number, cap) in (0u32..).zip(&instance.caps) {
        let inside: Vec<usize> = (0..node.len())
            .filter(|p| root(*p) == Some(number))
            .collect();
        if parent.get(number as usize) != Some(&NONE) {
            if cap.order.is_some() {
                builder.mistake(
                    format!("/caps/{number}/order"),
                    "只有最上层的上限可以给出先后".into(),
                    "only a cap that is under no other gives an order".into(),
                );
            }
            continue;
        }
        let place = match &cap.order {
            Some(order) => builder.places(&format!("/caps/{number}/order"), order, instance),
            None => match common_order(built, &inside, instance.applicants.len()) {
                Ok(place) => place,
                Err(provider) => {
                    let id = instance
                        .providers
                        .get(provider)
                        .map_or("", |p| p.id.as_str());
                    builder.mistake(
                        format!("/providers/{provider}/priorities"),
                        format!("上限 `{}` 之下的供给方须有同一先后,`{id}` 不同:请在上限中写 `order`,或令 `cap_order` 为 `providers`", cap.id),
                        format!("the providers under `{}` need one order of people and `{id}` has another: give the cap an `order`, or set `cap_order` to `providers`", cap.id),
                    );
                    continue;
                }
            },
        };
        for (applicant, list) in built.lists.iter_mut().enumerate() {
            for wish in list.iter_mut().filter(|w| inside.contains(&w.provider)) {
                wish.key = u64::from(place.get(applicant).copied().unwrap_or(NONE));
            }
        }
    }
}

/// Returns the place of each applicant in the longest order of the providers, when
/// all others keep to it; else the first provider that does not.
fn common_order(built: &Built, inside: &[usize], people: usize) -> Result<Vec<u32>, usize> {
    let of = |p: usize| built.orders.get(p).map(Vec::as_slice).unwrap_or_default();
    let longest = inside.iter().copied().rev().max_by_key(|p| of(*p).len());
    let mut place = vec![NONE; people];
    for (rank, applicant) in (0u32..).zip(longest.map(of).unwrap_or_default()) {
        if let Some(slot) = place.get_mut(*applicant as usize) {
            *slot = rank;
        }
    }
    for provider in inside {
        let places = of(*provider)
            .iter()
            .map(|a| place.get(*a as usize).copied());
        let places: Vec<Option<u32>> = places.collect();
        if places.contains(&Some(NONE)) || !places.is_sorted() {
            return Err(*provider);
        }
    }
    Ok(place)
}
