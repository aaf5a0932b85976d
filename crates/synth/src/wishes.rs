//! Who asks for what: near and popular first, with some whim.

use minsheng_model::Value;

use crate::chance::Chance;
use crate::pattern::Filling;
use crate::people::World;
use crate::plan::{Make, Plan, Wishes};
use crate::providers::common;

/// The streams of wishes.
#[derive(Debug)]
pub struct Wishing {
    length: Chance,
    whim: Chance,
    first: Chance,
    stray: Chance,
    /// Of each column: whether a value is missing, and which it is.
    columns: Vec<(Chance, Chance)>,
    /// The applicants' column with their key.
    ticket: usize,
}

/// One applicant's rows of the choices' table, each a list of cells.
pub type Rows = Vec<Vec<Option<Value>>>;

/// A wish: the provider and the metres to it.
type Wish = (u32, u64);

impl Wishing {
    pub fn new(plan: &Plan, wishes: &Wishes) -> Self {
        let seed = &plan.seed;
        let stream = |c: &crate::Column| {
            let of = |what: &str| Chance::new(seed, &format!("choices\n{}\n{what}", c.name));
            (of("missing"), of("value"))
        };
        let people = plan.applicants.as_ref();
        let ticket = people.and_then(|p| {
            let serial = |c: &crate::Column| matches!(c.make, Make::Serial(_));
            p.columns.iter().position(serial)
        });
        Self {
            length: Chance::new(seed, "wishes"),
            whim: Chance::new(seed, "whims"),
            first: Chance::new(seed, "first wishes"),
            stray: Chance::new(seed, "strays"),
            columns: wishes.columns.iter().map(stream).collect(),
            ticket: ticket.unwrap_or(0),
        }
    }

    /// Returns the applicant's wishes, the most wanted first.
    fn list(&self, world: &World<'_>, wishes: &Wishes, row: u64) -> Vec<Wish> {
        let home = world.home(row);
        let (least, most) = (
            i64::from(wishes.length.least),
            i64::from(wishes.length.most),
        );
        let length = usize::try_from(self.length.between(row, 0, least, most)).unwrap_or(0);
        let first = wishes
            .first
            .filter(|(_, often)| self.first.happens(row, 0, *often))
            .and_then(|(column, _)| world.cell(column, row))
            .and_then(|key| world.index(&key));
        let looks = !wishes.matching.is_empty() && !self.stray.happens(row, 0, wishes.stray);
        let agree: Option<Vec<_>> = looks.then(|| {
            let pairs = wishes.matching.iter();
            pairs.map(|(column, _)| world.cell(*column, row)).collect()
        });
        let near = world.near.list(home.part, agree.as_ref());
        // The one that comes first may be further away than those considered.
        let far = first.filter(|f| !near.contains(f));
        let mut ranked: Vec<(bool, u64, u32, u64)> = near
            .iter()
            .chain(far.iter())
            .filter_map(|index| {
                let provider = world.provider(*index)?;
                let metres = provider.at.distance(home.at);
                let seems = metres.saturating_mul(1000) / u64::from(provider.popularity.max(1));
                let whim = self
                    .whim
                    .below(row, u64::from(*index), u64::from(wishes.whim));
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
    pub fn rows(&self, world: &World<'_>, wishes: &Wishes, row: u64) -> Rows {
        let applicant = world.cell(self.ticket, row);
        let cells = |((index, metres), position): (Wish, i64)| {
            let columns = wishes.columns.iter().zip(&self.columns);
            columns
                .map(|(column, (missing, value))| {
                    // One number for the applicant and the provider together.
                    let both = row.wrapping_shl(24) ^ u64::from(index);
                    if missing.happens(both, 0, column.missing) {
                        return None;
                    }
                    match &column.make {
                        Make::Applicant => applicant.clone(),
                        Make::Provider => world.provider(index).map(|p| Value::Text(p.key.clone())),
                        Make::Position => Some(Value::Integer(position)),
                        Make::Distance => i64::try_from(metres).ok().map(Value::Integer),
                        make => common(make, *value, both, filling(world, row)?),
                    }
                })
                .collect()
        };
        self.list(world, wishes, row)
            .into_iter()
            .zip(1..)
            .map(cells)
            .collect()
    }
}

/// No maker of a choice has a pattern, but the common ones are handed what fills one.
fn filling<'w>(world: &'w World<'_>, row: u64) -> Option<Filling<'w>> {
    Some(Filling {
        number: row.saturating_add(1),
        within: row.saturating_add(1),
        edition: 1,
        area: world.plan.areas.first()?,
        part: "",
    })
}
