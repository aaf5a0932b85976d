//! Who asks for what: near and popular first, with some whim.

use minsheng_model::Value;

use crate::chance::Chance;
use crate::people::World;
use crate::plan::Make;

/// The streams of wishes.
#[derive(Debug, Clone, Copy)]
pub struct Wishing {
    length: Chance,
    whim: Chance,
    first: Chance,
}

/// One applicant's rows of the choices' table, each a list of cells.
pub type Rows = Vec<Vec<Option<Value>>>;

impl Wishing {
    pub fn new(seed: &str) -> Self {
        Self {
            length: Chance::new(seed, "wishes"),
            whim: Chance::new(seed, "whims"),
            first: Chance::new(seed, "first wishes"),
        }
    }

    /// Returns the applicant's wishes: provider and distance, the most wanted first.
    fn list(&self, world: &World<'_>, row: u64) -> Vec<(u32, u64)> {
        let plan = &world.plan.choices;
        let home = world.home(row);
        let (least, most) = (i64::from(plan.length.least), i64::from(plan.length.most));
        let length = usize::try_from(self.length.between(row, 0, least, most)).unwrap_or(0);
        let key = plan
            .first
            .filter(|(_, often)| self.first.happens(row, 0, *often))
            .and_then(|(column, _)| world.cell(column, row));
        let first = key.and_then(|_| world.nearest(home));
        let mut ranked: Vec<(bool, u64, u32, u64)> = world
            .near(home.part)
            .iter()
            .filter_map(|index| {
                let provider = world.provider(*index)?;
                let metres = provider.at.distance(home.at);
                let seems = metres.saturating_mul(1000) / u64::from(provider.popularity.max(1));
                let whim = self
                    .whim
                    .below(row, u64::from(*index), u64::from(plan.whim));
                Some((
                    Some(*index) != first,
                    seems.saturating_add(whim),
                    *index,
                    metres,
                ))
            })
            .collect();
        ranked.sort_unstable();
        ranked.truncate(length);
        ranked
            .into_iter()
            .map(|(_, _, index, metres)| (index, metres))
            .collect()
    }

    /// Returns the applicant's rows.
    pub fn rows(&self, world: &World<'_>, ticket: usize, row: u64) -> Rows {
        let applicant = world.cell(ticket, row);
        let cells = |((index, metres), position): ((u32, u64), i64)| {
            let make = |make: &Make| match make {
                Make::Applicant => applicant.clone(),
                Make::Provider => world.provider(index).map(|p| Value::Text(p.key.clone())),
                Make::Position => Some(Value::Integer(position)),
                Make::Distance => i64::try_from(metres).ok().map(Value::Integer),
                Make::Constant(value) => Some(value.clone()),
                _ => None,
            };
            world
                .plan
                .choices
                .columns
                .iter()
                .map(|c| make(&c.make))
                .collect()
        };
        self.list(world, row)
            .into_iter()
            .zip(1..)
            .map(cells)
            .collect()
    }
}
