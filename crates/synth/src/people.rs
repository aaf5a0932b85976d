//! Applicants in families with homes.

use std::collections::BTreeMap;

use minsheng_model::Value;

use crate::chance::Chance;
use crate::land::{Land, Point, in_disc};
use crate::near::{Near, Stand, place_of};
use crate::pattern::Filling;
use crate::plan::{Column, Make, People, Per, Plan};
use crate::providers::{Provider, Providing, case, common};

/// Streams of one column.
#[derive(Debug, Clone, Copy)]
struct Streams {
    missing: Chance,
    value: Chance,
}

/// Everything that applicants' rows are made from.
#[derive(Debug)]
pub struct World<'p> {
    pub plan: &'p Plan,
    pub land: Land,
    pub providers: Vec<Provider>,
    /// For each part the others of its area, the nearest first.
    pub neighbours: Vec<Vec<usize>>,
    pub near: Near,
    by_key: BTreeMap<String, u32>,
    /// Of each applicant, from 0.
    family: Vec<u32>,
    /// Of each family, from 0.
    house: Vec<u32>,
    streams: Vec<Streams>,
    /// For each column that wants the nearest provider of a kind, which are of it.
    kinds: Vec<Vec<bool>>,
    home_area: Chance,
    home_part: Chance,
    home: Chance,
}

impl<'p> World<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        let land = Land::new(plan);
        let providers = crate::providers::providers(plan, &land);
        let neighbours = land.neighbours();
        let columns = plan.applicants.as_ref().map_or(&[][..], |p| &p.columns);
        let chance = |name: &str| Chance::new(&plan.seed, name);
        let stream = |column: &Column| Streams {
            missing: chance(&format!("applicants\n{}\nmissing", column.name)),
            value: chance(&format!("applicants\n{}\nvalue", column.name)),
        };
        let providing = Providing {
            plan,
            land: &land,
            list: &providers,
            neighbours: &neighbours,
        };
        let family = plan
            .applicants
            .as_ref()
            .map_or_else(Vec::new, |p| families(plan, p));
        let house = plan
            .applicants
            .as_ref()
            .map_or_else(Vec::new, |p| houses(plan, p));
        Self {
            near: Near::new(&providing, plan.choices.as_ref()),
            by_key: providers.iter().map(|p| p.key.clone()).zip(0..).collect(),
            family,
            house,
            streams: columns.iter().map(stream).collect(),
            kinds: columns.iter().map(|c| kind(&providing, c)).collect(),
            home_area: chance("home areas"),
            home_part: chance("home parts"),
            home: chance("homes"),
            plan,
            land,
            providers,
            neighbours,
        }
    }

    fn family_of(&self, row: u64) -> u64 {
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        self.family.get(index).copied().map_or(0, u64::from)
    }

    fn house_of(&self, family: u64) -> u64 {
        let index = usize::try_from(family).unwrap_or(usize::MAX);
        self.house.get(index).copied().map_or(0, u64::from)
    }

    /// Returns whether the family before or after lives in this family's house.
    fn shared(&self, family: u64) -> bool {
        let own = self.house_of(family);
        let before = family.checked_sub(1).map(|f| self.house_of(f));
        before == Some(own) || self.house_of(family.saturating_add(1)) == own
    }

    /// Returns which of its family the applicant is, from 0.
    fn member(&self, row: u64) -> u64 {
        let family = self.family_of(row);
        (1..=row)
            .take_while(|back| self.family_of(row - back) == family)
            .fold(0, |n, _| n + 1)
    }

    /// Returns where the applicant's family lives.
    pub fn home(&self, row: u64) -> Stand {
        let house = self.house_of(self.family_of(row));
        let weights = self.plan.areas.iter().map(|a| a.weight);
        let area = self.home_area.weighted(house, 0, weights);
        let parts = self.plan.areas.get(area).map_or(1, |a| u64::from(a.parts));
        let turn = self.home_part.below(house, 0, parts);
        let part = self
            .plan
            .areas
            .get(area)
            .map_or(0, |a| self.land.part_of(area, a, turn));
        let at = self
            .land
            .parts
            .get(part)
            .map_or(Point { x: 0, y: 0 }, |disc| {
                in_disc(self.home, house, disc.centre, disc.radius)
            });
        Stand { area, part, at }
    }

    /// Returns the provider nearest to the home among those considered there.
    fn nearest(&self, home: Stand) -> Option<u32> {
        let far = |p: &u32| {
            let provider = self.provider(*p);
            (provider.map_or(u64::MAX, |p| p.at.distance(home.at)), *p)
        };
        let near = self.near.list(home.part, None);
        near.iter().copied().min_by_key(far)
    }

    /// Returns the provider of the home's area that is nearest among those of a kind.
    fn nearest_of(&self, home: Stand, kind: &[bool]) -> Option<u32> {
        let fits = |(p, _): &(&Provider, u32)| p.area == home.area;
        let all = self.providers.iter().zip(0_u32..).zip(kind);
        all.filter(|(p, of)| **of && fits(p))
            .min_by_key(|((p, index), _)| (p.at.distance(home.at), *index))
            .map(|((_, index), _)| index)
    }

    /// Returns the provider at this place in the list.
    pub fn provider(&self, index: u32) -> Option<&Provider> {
        self.providers.get(usize::try_from(index).ok()?)
    }

    /// Returns the place in the list of the provider with this key.
    pub fn index(&self, key: &Value) -> Option<u32> {
        match key {
            Value::Text(key) => self.by_key.get(key).copied(),
            _ => None,
        }
    }

    fn columns(&self) -> &[Column] {
        self.plan.applicants.as_ref().map_or(&[], |p| &p.columns)
    }

    /// Returns an applicant's row.
    pub fn row(&self, row: u64) -> Vec<Option<Value>> {
        (0..self.columns().len())
            .map(|c| self.cell(c, row))
            .collect()
    }

    /// Returns an applicant's value in a column.
    pub fn cell(&self, index: usize, row: u64) -> Option<Value> {
        let column = self.columns().get(index)?;
        let streams = self.streams.get(index)?;
        let family = self.family_of(row);
        let unit = match column.per {
            Per::Row => row,
            Per::Family => family,
            Per::House => self.house_of(family),
        };
        if streams.missing.happens(unit, 0, column.missing) {
            return None;
        }
        if let Some(condition) = &column.when
            && self.cell(condition.column, row).as_ref() != Some(&condition.is)
        {
            return None;
        }
        self.made(&column.make, index, streams.value, unit, row)
    }

    fn made(
        &self,
        make: &Make,
        index: usize,
        chance: Chance,
        unit: u64,
        row: u64,
    ) -> Option<Value> {
        let family = self.family_of(row);
        let home = self.home(row);
        let area = self.plan.areas.get(home.area)?;
        let part = &self.land.parts.get(home.part)?.name;
        let filling = |number: u64| Filling {
            number: number.saturating_add(1),
            within: number.saturating_add(1),
            edition: 1,
            area,
            part,
        };
        let text =
            |pattern: &crate::Pattern, number| Some(Value::Text(pattern.fill(filling(number))));
        match make {
            Make::Serial(pattern) => text(pattern, row),
            Make::Family(pattern) => text(pattern, family),
            Make::House(pattern) => text(pattern, self.house_of(family)),
            Make::Shared => Some(Value::Boolean(self.shared(family))),
            Make::Member(values) => {
                let many = u64::try_from(values.len()).unwrap_or(u64::MAX);
                let turn = chance
                    .below(family, 0, many)
                    .saturating_add(self.member(row));
                values
                    .get(usize::try_from(turn.checked_rem(many)?).ok()?)
                    .cloned()
            }
            Make::Nearest(of) => {
                let found = match of {
                    None => self.nearest(home),
                    Some(_) => self.nearest_of(home, self.kinds.get(index)?),
                };
                Some(Value::Text(self.provider(found?)?.key.clone()))
            }
            Make::Cases(column, cases) => {
                let make = case(cases, self.cell(*column, row).as_ref())?;
                self.made(make, index, chance, unit, row)
            }
            make => common(make, chance, unit, filling(unit))
                .or_else(|| place_of(make, self.plan, &self.land, &self.neighbours, home)),
        }
    }
}

/// Returns which providers a column wants the nearest of.
fn kind(providing: &Providing<'_>, column: &Column) -> Vec<bool> {
    let wanted = |make: &Make| match make {
        Make::Nearest(Some(of)) => Some(of.clone()),
        _ => None,
    };
    let of = match &column.make {
        Make::Cases(_, cases) => cases.iter().find_map(|(_, make)| wanted(make)),
        make => wanted(make),
    };
    let Some(of) = of else { return Vec::new() };
    (0..u64::try_from(providing.list.len()).unwrap_or(0))
        .map(|row| providing.at(of.column, row).as_ref() == Some(&of.is))
        .collect()
}

/// Returns each applicant's family, counted from 0.
fn families(plan: &Plan, people: &People) -> Vec<u32> {
    let chance = Chance::new(&plan.seed, "twins");
    let count = usize::try_from(people.count).unwrap_or(0);
    let mut list = Vec::with_capacity(count);
    for family in 0..people.count {
        if list.len() >= count {
            break;
        }
        list.push(family);
        let twins = chance.happens(u64::from(family), 0, people.twins);
        if twins && list.len() < count {
            list.push(family);
        }
    }
    list
}

/// Returns each family's house, counted from 0.
fn houses(plan: &Plan, people: &People) -> Vec<u32> {
    let chance = Chance::new(&plan.seed, "housemates");
    let mut house = 0_u32;
    (0..people.count)
        .map(|family| {
            let with = family > 0 && chance.happens(u64::from(family), 0, people.housemates);
            if family > 0 && !with {
                house = house.saturating_add(1);
            }
            house
        })
        .collect()
}
