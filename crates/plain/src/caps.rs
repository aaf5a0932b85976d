//! Caps over providers: from the file to a forest.

use std::collections::HashMap;

use minsheng_matching as matching;

use crate::input::{CapOrder, Instance};
use crate::market::{Builder, Built, Standing};

const NONE: u32 = u32::MAX;

/// Reads the caps, and gives everybody one key under each top cap where one order of
/// people decides.
pub(crate) fn caps(
    builder: &mut Builder<'_>,
    instance: &Instance,
    standing: &[HashMap<u32, Standing>],
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
        master(builder, instance, standing, built, &parent, &node);
    }
    kept_fit(builder, instance, &parent, &node);
    Some(own)
}

/// Returns the cap above each cap and above each provider.
fn forest(builder: &mut Builder<'_>, instance: &Instance) -> Option<(Vec<u32>, Vec<u32>)> {
    let mut cap_of: HashMap<&str, u32> = HashMap::new();
    let mut sound = true;
    for (number, cap) in (0u32..).zip(&instance.caps) {
        let taken = builder.provider_of.has(cap.id.as_str());
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
                (Some(provider), _) => node.get_mut(provider as usize),
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
    standing: &[HashMap<u32, Standing>],
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
            None => match common_order(standing, &inside, instance) {
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
///
/// Who is at no place of the order because only a seat is kept comes after it, by the
/// id: a kept seat is given before the order counts.
fn common_order(
    standing: &[HashMap<u32, Standing>],
    inside: &[usize],
    instance: &Instance,
) -> Result<Vec<u32>, usize> {
    let of = |p: usize| {
        let own = standing.get(p).into_iter().flatten();
        let named = own.filter(|(_, s)| s.place != u64::MAX);
        let mut order: Vec<(u64, u32)> = named.map(|(a, s)| (s.place, *a)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, a)| a).collect::<Vec<u32>>()
    };
    let orders: Vec<Vec<u32>> = inside.iter().map(|p| of(*p)).collect();
    let longest = orders.iter().rev().max_by_key(|o| o.len());
    let mut place = vec![NONE; instance.applicants.len()];
    for (rank, applicant) in (0u32..).zip(longest.into_iter().flatten()) {
        if let Some(slot) = place.get_mut(*applicant as usize) {
            *slot = rank;
        }
    }
    for (provider, order) in inside.iter().zip(&orders) {
        let places = order.iter().map(|a| place.get(*a as usize).copied());
        let places: Vec<Option<u32>> = places.collect();
        if places.contains(&Some(NONE)) || !places.is_sorted() {
            return Err(*provider);
        }
    }
    let id = |a: usize| instance.applicants.get(a).map(|a| &a.id);
    let mut rest: Vec<usize> = (0..place.len())
        .filter(|a| place.get(*a) == Some(&NONE))
        .collect();
    rest.sort_by_key(|a| id(*a));
    let named = place.len() - rest.len();
    for (rank, applicant) in (named..).zip(rest) {
        if let (Some(slot), Ok(rank)) = (place.get_mut(applicant), u32::try_from(rank)) {
            *slot = rank;
        }
    }
    Ok(place)
}

/// A kept seat is promised whatever else happens, so a cap has to hold all that are
/// kept under it; with less, no result keeps both promises.
fn kept_fit(builder: &mut Builder<'_>, instance: &Instance, parent: &[u32], node: &[u32]) {
    let mut kept = vec![0usize; parent.len()];
    for (provider, above) in instance.providers.iter().zip(node) {
        let mut above = *above;
        while let Some(count) = kept.get_mut(above as usize) {
            *count += provider.kept.len();
            above = parent.get(above as usize).copied().unwrap_or(NONE);
        }
    }
    for (number, (cap, kept)) in instance.caps.iter().zip(kept).enumerate() {
        let most = cap.capacity;
        if kept > most as usize {
            builder.mistake(
                format!("/caps/{number}/capacity"),
                format!("上限 `{}` 只有 {most} 个,其下的供给方却保留 {kept} 个:保留的名额必须兑现,请提高上限或减少保留", cap.id),
                format!("`{}` allows {most} and its providers keep {kept} seats, which are promised whatever happens: raise the cap or keep fewer", cap.id),
            );
        }
    }
}
