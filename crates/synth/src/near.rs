//! Who is near: providers around each part, by what has to agree.

use std::collections::BTreeMap;

use minsheng_model::Value;

use crate::land::{Land, Point};
use crate::plan::{Make, Plan, Wishes, Within};
use crate::providers::{Provider, Providing};

/// Where somebody or something stands.
#[derive(Debug, Clone, Copy)]
pub struct Stand {
    pub area: usize,
    pub part: usize,
    pub at: Point,
}

/// Returns the value of a maker that tells where somebody lives or stands.
pub fn place_of(
    make: &Make,
    plan: &Plan,
    land: &Land,
    neighbours: &[Vec<usize>],
    stand: Stand,
) -> Option<Value> {
    let name = |part: usize| land.parts.get(part).map(|p| Value::Text(p.name.clone()));
    match make {
        Make::Area => plan
            .areas
            .get(stand.area)
            .map(|a| Value::Text(a.id.clone())),
        Make::Part => name(stand.part),
        Make::ByArea(values) => values.get(stand.area).cloned(),
        Make::NearPart(rank) => {
            let rank = usize::try_from(rank.saturating_sub(1)).ok()?;
            name(*neighbours.get(stand.part)?.get(rank)?)
        }
        Make::Band(edges, values) => {
            let middle = Point { x: 0, y: 0 };
            let far = i64::try_from(stand.at.distance(middle)).unwrap_or(i64::MAX);
            let band = edges.iter().take_while(|edge| **edge < far).count();
            values.get(band).cloned()
        }
        Make::X => Some(Value::Integer(stand.at.x)),
        Make::Y => Some(Value::Integer(stand.at.y)),
        _ => None,
    }
}

/// The lists of near providers.
#[derive(Debug, Default)]
pub struct Near {
    /// Groups by the values that have to agree; group 0 is everybody.
    groups: BTreeMap<Vec<Option<Value>>, usize>,
    /// For each part and each group, those nearest to the part's centre.
    lists: Vec<Vec<Vec<u32>>>,
}

impl Near {
    pub fn new(providing: &Providing<'_>, wishes: Option<&Wishes>) -> Self {
        let (among, within) = wishes.map_or((1, Within::City), |w| (w.among, w.within));
        let among = usize::try_from(among).unwrap_or(usize::MAX);
        let mut near = Self::default();
        let pairs = wishes.map_or(&[][..], |w| &w.matching);
        let only = wishes.and_then(|w| w.only.as_ref());
        let rows = 0..u64::try_from(providing.list.len()).unwrap_or(0);
        let considered: Vec<bool> = rows
            .clone()
            .map(|row| only.is_none_or(|o| providing.at(o.column, row).as_ref() == Some(&o.is)))
            .collect();
        let mut group_of: Vec<usize> = Vec::new();
        for row in rows {
            if pairs.is_empty() {
                break;
            }
            let key = pairs.iter().map(|(_, c)| providing.at(*c, row)).collect();
            let next = near.groups.len().saturating_add(1);
            group_of.push(*near.groups.entry(key).or_insert(next));
        }
        let groups = near.groups.len().saturating_add(1);
        let of = |(index, part): (usize, &crate::land::Part)| {
            let inside = |p: &Provider| match within {
                Within::City => true,
                Within::Area => p.area == part.area,
                Within::Part => p.part == index,
            };
            let mut sorted: Vec<(u64, u32)> = providing
                .list
                .iter()
                .zip(0..)
                .zip(&considered)
                .filter(|((p, _), considered)| **considered && inside(p))
                .map(|((p, index), _)| (p.at.distance(part.centre), index))
                .collect();
            sorted.sort_unstable();
            let mut lists = vec![Vec::new(); groups];
            for (_, index) in sorted {
                let own = usize::try_from(index).ok().and_then(|i| group_of.get(i));
                for group in [Some(&0), own].into_iter().flatten() {
                    if let Some(list) = lists.get_mut(*group).filter(|l| l.len() < among) {
                        list.push(index);
                    }
                }
            }
            lists
        };
        near.lists = providing.land.parts.iter().enumerate().map(of).collect();
        near
    }

    /// Returns the providers to be considered from this part: all, or those that
    /// agree with these values.
    pub fn list(&self, part: usize, agree: Option<&Vec<Option<Value>>>) -> &[u32] {
        let group = match agree {
            None => Some(0),
            Some(values) => self.groups.get(values).copied(),
        };
        let lists = self.lists.get(part);
        group.and_then(|g| lists?.get(g)).map_or(&[], Vec::as_slice)
    }
}
