//! Applicants in families with homes.

use minsheng_model::Value;

use crate::chance::Chance;
use crate::land::{Land, Point, in_disc};
use crate::pattern::Filling;
use crate::plan::{Column, Make, Per, Plan};
use crate::providers::{Provider, common};

/// A family's home.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    pub area: usize,
    pub part: usize,
    pub at: Point,
}

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
    /// For each part the providers nearest to its centre, by distance.
    near: Vec<Vec<u32>>,
    family: Vec<u32>,
    streams: Vec<Streams>,
    home_area: Chance,
    home_part: Chance,
    home: Chance,
}

impl<'p> World<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        let land = Land::new(plan);
        let providers = crate::providers::providers(plan, &land);
        let chance = |name: &str| Chance::new(&plan.seed, name);
        let stream = |column: &Column| Streams {
            missing: chance(&format!("applicants\n{}\nmissing", column.name)),
            value: chance(&format!("applicants\n{}\nvalue", column.name)),
        };
        Self {
            near: near(plan, &land, &providers),
            family: families(plan),
            streams: plan.applicants.columns.iter().map(stream).collect(),
            home_area: chance("home areas"),
            home_part: chance("home parts"),
            home: chance("homes"),
            plan,
            land,
            providers,
        }
    }

    fn family_of(&self, row: u64) -> u64 {
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        self.family.get(index).copied().map_or(0, u64::from)
    }

    /// Returns where the applicant's family lives.
    pub fn home(&self, row: u64) -> Home {
        let family = self.family_of(row);
        let weights = self.plan.areas.iter().map(|a| a.weight);
        let area = self.home_area.weighted(family, 0, weights);
        let parts = self.plan.areas.get(area).map_or(1, |a| u64::from(a.parts));
        let turn = self.home_part.below(family, 0, parts);
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
                in_disc(self.home, family, disc.centre, disc.radius)
            });
        Home { area, part, at }
    }

    /// Returns the providers to be considered from this part.
    pub fn near(&self, part: usize) -> &[u32] {
        self.near.get(part).map_or(&[], Vec::as_slice)
    }

    /// Returns the provider nearest to the home, and its distance.
    pub fn nearest(&self, home: Home) -> Option<u32> {
        let far = |p: &u32| {
            let provider = self.provider(*p);
            (provider.map_or(u64::MAX, |p| p.at.distance(home.at)), *p)
        };
        self.near(home.part).iter().copied().min_by_key(far)
    }

    /// Returns the provider at this place in the list.
    pub fn provider(&self, index: u32) -> Option<&Provider> {
        self.providers.get(usize::try_from(index).ok()?)
    }

    /// Returns an applicant's value in a column.
    pub fn cell(&self, index: usize, row: u64) -> Option<Value> {
        let column = self.plan.applicants.columns.get(index)?;
        let streams = self.streams.get(index)?;
        let family = self.family_of(row);
        let unit = if column.per == Per::Family {
            family
        } else {
            row
        };
        if streams.missing.happens(unit, 0, column.missing) {
            return None;
        }
        if let Some(condition) = &column.when
            && self.cell(condition.column, row).as_ref() != Some(&condition.is)
        {
            return None;
        }
        let home = self.home(row);
        let area = self.plan.areas.get(home.area)?;
        let part = &self.land.parts.get(home.part)?.name;
        let filling = |number| Filling {
            number,
            within: number,
            area,
            part,
        };
        match &column.make {
            Make::Serial(pattern) => Some(Value::Text(pattern.fill(filling(row + 1)))),
            Make::Family(pattern) => Some(Value::Text(pattern.fill(filling(family + 1)))),
            Make::Nearest => {
                let nearest = self.provider(self.nearest(home)?)?;
                Some(Value::Text(nearest.key.clone()))
            }
            make => common(make, streams.value, unit, filling(unit + 1))
                .or_else(|| place_of(make, self.plan, &self.land, home.area, home.part)),
        }
    }
}

/// Returns the value of a maker that tells where somebody lives or stands.
pub fn place_of(make: &Make, plan: &Plan, land: &Land, area: usize, part: usize) -> Option<Value> {
    match make {
        Make::Area => plan.areas.get(area).map(|a| Value::Text(a.id.clone())),
        Make::Part => land.parts.get(part).map(|p| Value::Text(p.name.clone())),
        Make::ByArea(values) => values.get(area).cloned(),
        _ => None,
    }
}

/// Returns each applicant's family, counted from 0.
fn families(plan: &Plan) -> Vec<u32> {
    let chance = Chance::new(&plan.seed, "twins");
    let count = usize::try_from(plan.applicants.count).unwrap_or(0);
    let mut list = Vec::with_capacity(count);
    for family in 0..plan.applicants.count {
        if list.len() >= count {
            break;
        }
        list.push(family);
        let twins = chance.happens(u64::from(family), 0, plan.applicants.twins);
        if twins && list.len() < count {
            list.push(family);
        }
    }
    list
}

fn near(plan: &Plan, land: &Land, providers: &[Provider]) -> Vec<Vec<u32>> {
    let among = usize::try_from(plan.choices.among).unwrap_or(usize::MAX);
    let of = |part: &crate::land::Part| {
        let mut list: Vec<(u64, u32)> = providers
            .iter()
            .map(|p| p.at.distance(part.centre))
            .zip(0..)
            .collect();
        if among < list.len() {
            list.select_nth_unstable(among);
            list.truncate(among);
        }
        list.sort_unstable();
        list.into_iter().map(|(_, index)| index).collect()
    };
    land.parts.iter().map(of).collect()
}
