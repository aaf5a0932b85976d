//! Tables of rows that stand somewhere in the areas.

use minsheng_model::Value;

use crate::chance::{Chance, shares};
use crate::land::{Land, in_disc};
use crate::near::{Stand, place_of};
use crate::pattern::Filling;
use crate::plan::{Column, Make, Plan, Spread};
use crate::providers::{case, common};

/// Everything that a table's rows are made from.
#[derive(Debug)]
pub struct Spreading<'p> {
    plan: &'p Plan,
    land: &'p Land,
    neighbours: &'p [Vec<usize>],
    table: &'p Spread,
    /// Where each row stands, and its number within its area from 1.
    stands: Vec<(Stand, u64)>,
    /// Of each column: whether a value is missing, and which it is.
    streams: Vec<(Chance, Chance)>,
}

impl<'p> Spreading<'p> {
    /// Spreads a table's rows over the areas by weight and over each area's parts
    /// in turn. Its chance is named after its file.
    pub fn new(
        plan: &'p Plan,
        land: &'p Land,
        neighbours: &'p [Vec<usize>],
        table: &'p Spread,
    ) -> Self {
        let file = table.file.display().to_string();
        let chance = |what: &str| Chance::new(&plan.seed, &format!("table {file}\n{what}"));
        let (spot, turn) = (chance("places"), chance("parts"));
        let weights: Vec<u32> = plan.areas.iter().map(|a| a.weight).collect();
        let spread = shares(u64::from(table.count), &weights);
        let mut stands = Vec::new();
        for ((index, area), many) in plan.areas.iter().enumerate().zip(spread) {
            let number = u64::try_from(index).unwrap_or(0);
            let offset = turn.below(number, 0, u64::from(area.parts));
            for n in 0..many {
                let row = u64::try_from(stands.len()).unwrap_or(u64::MAX);
                let part = land.part_of(index, area, offset.saturating_add(n));
                let Some(disc) = land.parts.get(part) else {
                    continue;
                };
                let at = in_disc(spot, row, disc.centre, disc.radius);
                let stand = Stand {
                    area: index,
                    part,
                    at,
                };
                stands.push((stand, n.saturating_add(1)));
            }
        }
        let stream = |c: &Column| {
            let of = |what: &str| chance(&format!("{}\n{what}", c.name));
            (of("missing"), of("value"))
        };
        Self {
            plan,
            land,
            neighbours,
            table,
            stands,
            streams: table.columns.iter().map(stream).collect(),
        }
    }

    /// Returns a row.
    pub fn row(&self, row: u64) -> Vec<Option<Value>> {
        (0..self.table.columns.len())
            .map(|c| self.cell(c, row))
            .collect()
    }

    fn cell(&self, index: usize, row: u64) -> Option<Value> {
        let column = self.table.columns.get(index)?;
        let (missing, value) = *self.streams.get(index)?;
        if missing.happens(row, 0, column.missing) {
            return None;
        }
        if let Some(condition) = &column.when
            && self.cell(condition.column, row).as_ref() != Some(&condition.is)
        {
            return None;
        }
        self.made(&column.make, value, row)
    }

    fn made(&self, make: &Make, chance: Chance, row: u64) -> Option<Value> {
        let (stand, within) = *self.stands.get(usize::try_from(row).ok()?)?;
        let filling = Filling {
            number: row.saturating_add(1),
            within,
            edition: 1,
            area: self.plan.areas.get(stand.area)?,
            part: &self.land.parts.get(stand.part)?.name,
        };
        match make {
            Make::Serial(pattern) => Some(Value::Text(pattern.fill(filling))),
            Make::Cases(column, cases) => {
                let make = case(cases, self.cell(*column, row).as_ref())?;
                self.made(make, chance, row)
            }
            make => common(make, chance, row, filling)
                .or_else(|| place_of(make, self.plan, self.land, self.neighbours, stand)),
        }
    }
}
