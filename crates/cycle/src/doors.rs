use minsheng_model::{ChoiceRow, Door, DoorRow, Order, ProviderRow, Rules, Unused};
use minsheng_registers::ProviderFacts;

use crate::Registers;
use crate::facts::Names;
use crate::market::Placements;

/// Everybody placed at one provider: choice row and door.
type Here = Vec<(usize, Door)>;

/// Returns the published rows of providers and of their doors with cut-offs.
pub(crate) fn publish(
    rules: &Rules,
    registers: &Registers,
    names: &Names,
    seats: &[ProviderFacts],
    choices: &[ChoiceRow],
    placed: &Placements,
    ranks: &[u32],
) -> (Vec<ProviderRow>, Vec<DoorRow>) {
    let mut here: Vec<Here> = vec![Vec::new(); names.providers.len()];
    for place in placed.placements.iter().flatten() {
        let provider = choices.get(place.choice).map(|c| c.provider as usize);
        if let Some(list) = provider.and_then(|p| here.get_mut(p)) {
            list.push((place.choice, place.door));
        }
    }
    let shown: Vec<usize> = registers
        .providers
        .table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.publish && !rules.providers.key.contains(&c.name))
        .map(|(i, _)| i)
        .collect();
    let cutoffs = Cutoffs {
        rules,
        names,
        choices,
        ranks,
    };
    let mut providers = Vec::with_capacity(names.providers.len());
    let mut doors = Vec::new();
    let mut opens = vec![true; names.providers.len()];
    for closed in &placed.closed {
        if let Some(flag) = opens.get_mut(closed.provider as usize) {
            *flag = false;
        }
    }
    for (index, ((name, facts), list)) in names.providers.iter().zip(seats).zip(&here).enumerate() {
        // Who does not open has no seats.
        let shut = ProviderFacts {
            capacity: 0,
            ..facts.clone()
        };
        let opens = opens.get(index).copied().unwrap_or(true);
        let facts = if opens { facts } else { &shut };
        providers.push(ProviderRow {
            provider: name.clone(),
            capacity: facts.capacity,
            placed: u32::try_from(list.len()).unwrap_or(u32::MAX),
            facts: shown
                .iter()
                .map(|c| registers.providers.value(index, *c).map(|v| v.to_string()))
                .collect(),
        });
        cutoffs.provider(name, facts, list, &mut doors);
    }
    (providers, doors)
}

/// The seats of a door: by the rules, and what is left of them here.
#[derive(Debug, Clone, Copy)]
struct Seats {
    declared: u32,
    here: u32,
}

impl Seats {
    fn whole(seats: u32) -> Self {
        Self {
            declared: seats,
            here: seats,
        }
    }
}

struct Cutoffs<'a> {
    rules: &'a Rules,
    names: &'a Names,
    choices: &'a [ChoiceRow],
    ranks: &'a [u32],
}

impl Cutoffs<'_> {
    /// Adds the rows of one provider: kept, each reserve, open, each ceiling.
    fn provider(&self, name: &str, facts: &ProviderFacts, here: &Here, out: &mut Vec<DoorRow>) {
        let through = |door: Door| -> Vec<usize> {
            here.iter()
                .filter(|(_, d)| *d == door)
                .map(|(c, _)| *c)
                .collect()
        };
        let kept = through(Door::Kept);
        let mut remaining = facts.capacity.saturating_sub(count(&kept));
        let seats = Seats::whole(count(&kept));
        out.push(self.row(name, "kept".to_owned(), seats, &kept));
        for (i, (reserve, declared)) in (0u8..).zip(self.rules.reserves.iter().zip(&facts.reserves))
        {
            let members = through(Door::Reserve(i));
            let seats = (*declared).min(remaining);
            remaining -= match reserve.unused {
                Unused::Open => count(&members).min(remaining),
                Unused::Empty => seats,
            };
            let seats = Seats {
                declared: *declared,
                here: seats,
            };
            out.push(self.row(name, format!("reserve:{}", reserve.id), seats, &members));
        }
        let open = through(Door::Open);
        let seats = Seats {
            declared: facts.capacity,
            here: remaining,
        };
        out.push(self.row(name, "open".to_owned(), seats, &open));
        for (i, (ceiling, seats)) in self.rules.ceilings.iter().zip(&facts.ceilings).enumerate() {
            let members: Vec<usize> = open
                .iter()
                .copied()
                .filter(|c| {
                    self.choices
                        .get(*c)
                        .is_some_and(|c| c.ceilings >> i & 1 == 1)
                })
                .collect();
            let seats = Seats::whole(*seats);
            out.push(self.row(name, format!("ceiling:{}", ceiling.id), seats, &members));
        }
    }

    fn row(&self, provider: &str, door: String, seats: Seats, members: &[usize]) -> DoorRow {
        let full = seats.here > 0 && count(members) == seats.here;
        let last = members
            .iter()
            .max_by_key(|c| self.key(**c))
            .filter(|_| full);
        let choice = last.and_then(|c| self.choices.get(*c));
        DoorRow {
            provider: provider.to_owned(),
            door,
            declared: seats.declared,
            seats: seats.here,
            placed: count(members),
            last_ticket: choice.and_then(|c| self.names.tickets.get(c.applicant as usize).cloned()),
            last_tier: choice.map(|c| c.tier),
            last_score: choice.map(|c| c.score),
            last_rank: last.and_then(|c| self.ranks.get(*c).copied()),
        }
    }

    /// Smaller is better: tier, score in its order, place in the draw.
    fn key(&self, choice: usize) -> (u8, i64, u32) {
        let rank = self.ranks.get(choice).copied().unwrap_or(u32::MAX);
        let Some(row) = self.choices.get(choice) else {
            return (u8::MAX, i64::MAX, rank);
        };
        let score = match self.rules.score.as_ref().map(|s| s.order) {
            Some(Order::HighFirst) => row.score.saturating_neg(),
            _ => row.score,
        };
        (row.tier, score, rank)
    }
}

fn count(list: &[usize]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}
