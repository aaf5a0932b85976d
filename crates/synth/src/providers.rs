//! Providers with their places.

use crate::chance::{Chance, shares};
use crate::land::{Land, Point, in_disc};
use crate::near::{Stand, place_of};
use crate::pattern::Filling;
use crate::plan::{Column, Make, Plan, Providers};
use minsheng_model::{Date, Value};

/// A provider.
#[derive(Debug, Clone)]
pub struct Provider {
    pub key: String,
    /// From 1 in the city.
    pub number: u64,
    /// From 0.
    pub edition: usize,
    pub area: usize,
    pub part: usize,
    /// From 1 within the area.
    pub within: u64,
    pub at: Point,
    pub places: u32,
    /// In thousandths.
    pub popularity: u32,
}

/// Returns the providers, spread over the areas by weight and over each area's
/// parts in turn, their places adding up exactly.
pub fn providers(plan: &Plan, land: &Land) -> Vec<Provider> {
    let Some(declared) = &plan.providers else {
        return Vec::new();
    };
    let weights: Vec<u32> = plan.areas.iter().map(|a| a.weight).collect();
    let (spot, fame, turn) = (
        Chance::new(&plan.seed, "provider places"),
        Chance::new(&plan.seed, "provider popularity"),
        Chance::new(&plan.seed, "provider parts"),
    );
    let mut list: Vec<Provider> = Vec::new();
    let spread = shares(u64::from(declared.count), &weights);
    for ((index, area), many) in plan.areas.iter().enumerate().zip(spread) {
        let offset = turn.below(u64::try_from(index).unwrap_or(0), 0, u64::from(area.parts));
        for n in 0..many {
            let row = u64::try_from(list.len()).unwrap_or(u64::MAX);
            let part = land.part_of(index, area, offset + n);
            let Some(disc) = land.parts.get(part) else {
                continue;
            };
            let popular = &declared.popularity;
            let known = fame.between(row, 0, i64::from(popular.least), i64::from(popular.most));
            list.push(Provider {
                key: String::new(),
                number: row.saturating_add(1),
                edition: 0,
                area: index,
                part,
                within: n + 1,
                at: in_disc(spot, row, disc.centre, disc.radius),
                places: 0,
                popularity: u32::try_from(known).unwrap_or(1000).max(1),
            });
        }
    }
    let editions = declared.editions.len().max(1);
    let stand = |one: Provider| {
        (0..editions).map(move |edition| Provider {
            edition,
            ..one.clone()
        })
    };
    let mut list: Vec<Provider> = list.into_iter().flat_map(stand).collect();
    for (provider, places) in list.iter_mut().zip(places(plan, declared)) {
        provider.places = places;
    }
    name(plan, declared, land, &mut list);
    list
}

fn name(plan: &Plan, declared: &Providers, land: &Land, list: &mut [Provider]) {
    let serial = declared.columns.iter().find_map(|c| match &c.make {
        Make::Serial(pattern) => Some(pattern),
        _ => None,
    });
    for provider in list {
        let filling = filling(plan, land, provider);
        if let (Some(pattern), Some(filling)) = (serial, filling) {
            provider.key = pattern.fill(filling);
        }
    }
}

fn filling<'a>(plan: &'a Plan, land: &'a Land, provider: &Provider) -> Option<Filling<'a>> {
    let part = &land.parts.get(provider.part)?.name;
    Some(Filling {
        number: provider.number,
        within: provider.within,
        edition: u64::try_from(provider.edition)
            .unwrap_or(0)
            .saturating_add(1),
        area: plan.areas.get(provider.area)?,
        part,
    })
}

/// Shares the places out within the limits of one provider.
fn places(plan: &Plan, declared: &Providers) -> Vec<u32> {
    let chance = Chance::new(&plan.seed, "provider sizes");
    let (least, most) = (declared.places_each.least, declared.places_each.most);
    let weights: Vec<u32> = (0..declared.rows())
        .map(|row| u32::try_from(chance.between(row, 0, 1, 1000)).unwrap_or(1))
        .collect();
    let floor = declared.rows() * u64::from(least);
    let extra = declared.places.saturating_sub(floor);
    let room = u64::from(most.saturating_sub(least));
    let mut given: Vec<u64> = shares(extra, &weights)
        .iter()
        .map(|s| (*s).min(room))
        .collect();
    // What the limit cut off goes round, one place at a time.
    let mut left = extra.saturating_sub(given.iter().sum());
    while left > 0 {
        let before = left;
        for share in given.iter_mut().filter(|s| **s < room) {
            if left == 0 {
                break;
            }
            *share += 1;
            left -= 1;
        }
        if left == before {
            break;
        }
    }
    given
        .iter()
        .map(|g| least + u32::try_from(*g).unwrap_or(0))
        .collect()
}

/// Everything that providers' rows are made from.
#[derive(Debug)]
pub struct Providing<'p> {
    pub plan: &'p Plan,
    pub land: &'p Land,
    pub list: &'p [Provider],
    /// For each part the others of its area, the nearest first.
    pub neighbours: &'p [Vec<usize>],
}

impl Providing<'_> {
    fn columns(&self) -> &[Column] {
        self.plan.providers.as_ref().map_or(&[], |p| &p.columns)
    }

    /// Returns a provider's row.
    pub fn row(&self, row: u64) -> Vec<Option<Value>> {
        self.columns().iter().map(|c| self.cell(c, row)).collect()
    }

    /// Returns a provider's value in the column at this place.
    pub fn at(&self, column: usize, row: u64) -> Option<Value> {
        self.cell(self.columns().get(column)?, row)
    }

    /// What is alike in all editions comes from the first one's chance.
    fn cell(&self, column: &Column, row: u64) -> Option<Value> {
        let provider = self.list.get(usize::try_from(row).ok()?)?;
        let number = provider.number.saturating_sub(1);
        let seed = &self.plan.seed;
        let stream = |what: &str| Chance::new(seed, &format!("providers\n{}\n{what}", column.name));
        if stream("missing").happens(number, 0, column.missing) {
            return None;
        }
        if let Some(condition) = &column.when
            && self.at(condition.column, row).as_ref() != Some(&condition.is)
        {
            return None;
        }
        self.made(&column.make, stream("value"), provider, row)
    }

    fn made(&self, make: &Make, chance: Chance, provider: &Provider, row: u64) -> Option<Value> {
        let declared = self.plan.providers.as_ref()?;
        match make {
            Make::Serial(_) => Some(Value::Text(provider.key.clone())),
            Make::Places => Some(Value::Integer(i64::from(provider.places))),
            Make::Groups => {
                let groups = provider.places.div_ceil(declared.group.max(1));
                Some(Value::Integer(i64::from(groups)))
            }
            Make::Edition => declared
                .editions
                .get(provider.edition)
                .cloned()
                .map(Value::Text),
            Make::Cases(column, cases) => {
                let make = case(cases, self.at(*column, row).as_ref())?;
                self.made(make, chance, provider, row)
            }
            make => {
                let number = provider.number.saturating_sub(1);
                let filling = filling(self.plan, self.land, provider)?;
                let stand = Stand {
                    area: provider.area,
                    part: provider.part,
                    at: provider.at,
                };
                common(make, chance, number, filling)
                    .or_else(|| place_of(make, self.plan, self.land, self.neighbours, stand))
            }
        }
    }
}

/// Returns the maker for this value.
pub fn case<'m>(cases: &'m [(Option<Value>, Make)], of: Option<&Value>) -> Option<&'m Make> {
    let fits = |(is, _): &&(Option<Value>, Make)| is.is_none() || is.as_ref() == of;
    cases.iter().find(fits).map(|(_, make)| make)
}

/// Returns the value of a maker that any table may use.
pub fn common(make: &Make, chance: Chance, row: u64, filling: Filling<'_>) -> Option<Value> {
    match make {
        Make::Pattern(pattern) => Some(Value::Text(pattern.fill(filling))),
        Make::Token(length) => {
            let digits = (0..u64::from(*length).div_ceil(16))
                .map(|k| format!("{:016x}", chance.bits(row, k)))
                .collect::<String>();
            Some(Value::Text(
                digits
                    .chars()
                    .take(usize::try_from(*length).ok()?)
                    .collect(),
            ))
        }
        Make::Constant(value) => Some(value.clone()),
        Make::Date(from, until) => {
            let days = chance.between(row, 0, 0, i64::from(until.days()) - i64::from(from.days()));
            day_between(*from, days).map(Value::Date)
        }
        Make::Integer(from, until, step) => {
            let steps = (i128::from(*until) - i128::from(*from)) / i128::from((*step).max(1));
            let taken = chance.between(row, 0, 0, i64::try_from(steps).unwrap_or(i64::MAX));
            let value = i128::from(*from) + i128::from(taken) * i128::from(*step);
            i64::try_from(value).ok().map(Value::Integer)
        }
        Make::Boolean(often) => Some(Value::Boolean(chance.happens(row, 0, *often))),
        Make::Choice(values) => {
            let index = chance.weighted(row, 0, values.iter().map(|(_, weight)| *weight));
            values.get(index).map(|(value, _)| value.clone())
        }
        _ => None,
    }
}

/// Returns the day at a place between two.
fn day_between(from: Date, offset: i64) -> Option<Date> {
    let days = i64::from(from.days()).checked_add(offset)?;
    Date::from_days(i32::try_from(days).ok()?)
}
