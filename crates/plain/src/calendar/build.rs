//! From the JSON instance to cells and choices.

use std::collections::{HashMap, HashSet};

use minsheng_selection::{Calendar, Choice};

use super::input::{Count, Instance, Objective, Project};
use crate::error::PlainError;
use crate::selection::Mistakes;

/// Periods times projects times durations.
const SIZE_MAX: u64 = 50_000_000;

/// A calendar, and the last period of work of every choice.
pub(crate) struct Built {
    pub calendar: Calendar,
    pub finishes: Vec<Vec<u32>>,
    /// Districts, then budgets, each with a cell per period.
    pub rows: Vec<String>,
}

/// Returns the calendar of an instance.
///
/// # Errors
/// Every mistake.
pub(crate) fn build(text: &str, instance: &Instance) -> Result<Built, PlainError> {
    let mut mistakes = Mistakes::new(text);
    let mut built = Built {
        calendar: Calendar::default(),
        finishes: Vec::new(),
        rows: Vec::new(),
    };
    if too_large(instance) {
        mistakes.add(
            "/periods".to_owned(),
            format!("过大:时段、项目与工期之积超过 {SIZE_MAX}"),
            format!("too large: periods times projects times durations are more than {SIZE_MAX}"),
        );
        return mistakes.end().map(|()| built);
    }
    let rows = cells(instance, &mut built, &mut mistakes);
    for (key, list) in [
        ("no_start", &instance.no_start),
        ("no_work", &instance.no_work),
    ] {
        for (index, period) in list.iter().enumerate() {
            in_range(instance, format!("/{key}/{index}"), *period, &mut mistakes);
        }
    }
    for (index, target) in instance.targets.iter().enumerate() {
        in_range(
            instance,
            format!("/targets/{index}/by"),
            target.by,
            &mut mistakes,
        );
        built.calendar.targets.push(target.least);
    }
    let mut seen = HashSet::new();
    let working = working(instance);
    for (index, project) in instance.projects.iter().enumerate() {
        if !seen.insert(&project.id) {
            mistakes.twice(format!("/projects/{index}/id"), &project.id);
        }
        let maker = Maker {
            instance,
            rows: &rows,
            working: &working,
        };
        maker.project(index, project, &mut built, &mut mistakes);
    }
    after(instance, &mut built, &mut mistakes);
    mistakes.end()?;
    Ok(built)
}

/// Adds, for each project that starts after another has finished, a cell of one for each
/// period. Whoever waits takes it from its start on, whoever is waited for up to its
/// finish, or all of them where it is not done: nobody fits in who starts before, and
/// what these cells say of fractions is the most that can be said in periods
/// (Christofides, Alvarez-Valdes and Tamarit 1987).
fn after(instance: &Instance, built: &mut Built, mistakes: &mut Mistakes<'_>) {
    let ids = instance.projects.iter().map(|p| p.id.as_str());
    let place: HashMap<&str, usize> = ids.zip(0..).collect();
    for (index, project) in instance.projects.iter().enumerate() {
        let mut seen = HashSet::new();
        for (nth, id) in project.after.iter().enumerate() {
            let at = format!("/projects/{index}/after/{nth}");
            match place.get(id.as_str()) {
                None => mistakes.unknown(at, id, "项目", "project"),
                Some(other) if *other == index => mistakes.add(
                    at,
                    format!("`{id}` 以自身为前提"),
                    format!("`{id}` waits for itself"),
                ),
                Some(_) if !seen.insert(id) => mistakes.twice(at, id),
                Some(other) => waits(instance.periods, built, index, *other),
            }
        }
    }
}

fn waits(periods: u32, built: &mut Built, index: usize, other: usize) {
    let cells = &mut built.calendar.cells;
    let first = cells.len();
    cells.resize(first + periods as usize, 1);
    let cell = |period: u32| u32::try_from(first + period as usize - 1).unwrap_or(u32::MAX);
    for choice in built.calendar.projects.get_mut(index).into_iter().flatten() {
        if let Some(start) = choice.start {
            choice.uses.extend((start..=periods).map(|t| (cell(t), 1)));
        }
    }
    let finishes = built.finishes.get(other).into_iter().flatten();
    let choices = built.calendar.projects.get_mut(other).into_iter().flatten();
    for (choice, finish) in choices.zip(finishes) {
        let last = if choice.start.is_some() {
            *finish
        } else {
            periods
        };
        choice.uses.extend((1..=last).map(|t| (cell(t), 1)));
    }
}

/// Refuses what would not fit memory before it is spelt out.
fn too_large(instance: &Instance) -> bool {
    let periods = u64::from(instance.periods);
    let work = instance
        .projects
        .iter()
        .map(|p| p.duration.min(instance.periods));
    let rows = (instance.districts.len() + instance.budgets.len()) as u64;
    let waits = instance.projects.iter().map(|p| p.after.len() as u64);
    let waits = waits.sum::<u64>().saturating_mul(2 * periods);
    let each = rows + 1 + work.map(|d| 1 + u64::from(d)).sum::<u64>();
    let each = each.saturating_add(waits);
    periods.checked_mul(each).is_none_or(|s| s > SIZE_MAX)
}

fn in_range(instance: &Instance, at: String, period: u32, mistakes: &mut Mistakes<'_>) {
    let last = instance.periods;
    if period < 1 || period > last {
        mistakes.add(
            at,
            format!("时段 {period} 不在 1 至 {last} 之间"),
            format!("period {period} is not between 1 and {last}"),
        );
    }
}

type Rows<'a> = HashMap<(bool, &'a str), usize>;

/// Adds a cell per period for every district and budget; returns where each begins.
fn cells<'a>(instance: &'a Instance, built: &mut Built, mistakes: &mut Mistakes<'_>) -> Rows<'a> {
    let periods = instance.periods as usize;
    let mut rows = Rows::new();
    let districts = instance.districts.iter().enumerate();
    let districts = districts.map(|(i, d)| (i, false, &d.id, &d.crews));
    let budgets = instance.budgets.iter().enumerate();
    let budgets = budgets.map(|(i, b)| (i, true, &b.id, &b.most));
    for (index, budget, id, numbers) in districts.chain(budgets) {
        let (list, key, kind) = if budget {
            ("budgets", "most", "budget")
        } else {
            ("districts", "crews", "district")
        };
        let first = built.calendar.cells.len();
        if rows.insert((budget, id.as_str()), first).is_some() {
            mistakes.twice(format!("/{list}/{index}/id"), id);
        }
        built.rows.push(format!("{kind}:{id}"));
        if numbers.len() != 1 && numbers.len() != periods {
            let n = numbers.len();
            mistakes.add(
                format!("/{list}/{index}/{key}"),
                format!("有 {n} 个数,应为 1 个或 {periods} 个"),
                format!("there are {n} numbers, expected 1 or {periods}"),
            );
        }
        for (nth, number) in numbers.iter().enumerate() {
            if *number < 0 {
                mistakes.add(
                    format!("/{list}/{index}/{key}/{nth}"),
                    format!("{number} 为负"),
                    format!("{number} is negative"),
                );
            }
        }
        let one = numbers.first().copied().unwrap_or(0);
        for period in 0..periods {
            let own = if numbers.len() == 1 {
                one
            } else {
                numbers.get(period).copied().unwrap_or(0)
            };
            built.calendar.cells.push(own);
        }
    }
    rows
}

/// Whether work is done in a period, from 1.
fn working(instance: &Instance) -> Vec<bool> {
    let mut working = vec![true; instance.periods as usize + 1];
    for period in &instance.no_work {
        if let Some(own) = working.get_mut(*period as usize) {
            *own = false;
        }
    }
    working
}

struct Maker<'a> {
    instance: &'a Instance,
    rows: &'a Rows<'a>,
    working: &'a [bool],
}

impl Maker<'_> {
    fn project(
        &self,
        index: usize,
        project: &Project,
        built: &mut Built,
        mistakes: &mut Mistakes<'_>,
    ) {
        let at = |key: &str| format!("/projects/{index}/{key}");
        let district = self.rows.get(&(false, project.district.as_str()));
        if district.is_none() {
            mistakes.unknown(at("district"), &project.district, "片区", "district");
        }
        if project.duration == 0 {
            mistakes.add(at("duration"), "工期为 0", "the duration is 0");
        }
        let crews = project.crews.unwrap_or(1);
        if crews < 0 {
            mistakes.add(at("crews"), "班组数为负", "the crews are negative");
        }
        let mut spent = Vec::new();
        for (budget, cost) in &project.costs {
            let step = budget.replace('~', "~0").replace('/', "~1");
            let at = at(&format!("costs/{step}"));
            match self.rows.get(&(true, budget.as_str())) {
                None => mistakes.unknown(at, budget, "预算", "budget"),
                Some(_) if *cost < 0 => mistakes.add(at, "费用为负", "the cost is negative"),
                Some(first) => spent.push((*first, *cost)),
            }
        }
        if project.ineligible.is_some() {
            built.calendar.projects.push(vec![Choice::default()]);
            built.finishes.push(vec![0]);
            return;
        }
        let mut choices = Vec::new();
        let mut finishes = Vec::new();
        let last = project.latest.unwrap_or(self.instance.periods);
        for start in project.earliest.unwrap_or(1).max(1)..=last.min(self.instance.periods) {
            let worked = self.worked(start, project.duration);
            let Some(finish) = worked.last().copied() else {
                continue;
            };
            if project.deadline.is_some_and(|d| finish > d) {
                continue;
            }
            let Some(cost) = self.cost(project, finish) else {
                mistakes.add(
                    at("weight"),
                    "权重过大:超出 64 位整数",
                    "the weight is too large: its product does not fit 64 bits",
                );
                break;
            };
            let mut uses: Vec<(u32, i64)> = Vec::new();
            let cell = |first: usize, period: u32| {
                u32::try_from(first + period as usize - 1).unwrap_or(u32::MAX)
            };
            if crews > 0 {
                let first = district.copied().unwrap_or(0);
                uses.extend(worked.iter().map(|t| (cell(first, *t), crews)));
            }
            let paid = spent.iter().filter(|(_, c)| *c > 0);
            uses.extend(paid.map(|(first, cost)| (cell(*first, start), *cost)));
            choices.push(Choice {
                start: Some(start),
                cost,
                uses,
                counts: self.counts(start, finish),
            });
            finishes.push(finish);
        }
        if let Some(cost) = project.skip {
            choices.push(Choice {
                cost,
                ..Choice::default()
            });
            finishes.push(0);
        }
        built.calendar.projects.push(choices);
        built.finishes.push(finishes);
    }

    /// The periods of work of a project that starts here; none when it may not.
    fn worked(&self, start: u32, duration: u32) -> Vec<u32> {
        let works = |t: u32| self.working.get(t as usize) == Some(&true);
        if self.instance.no_start.contains(&start) || !works(start) {
            return Vec::new();
        }
        let worked: Vec<u32> = (start..=self.instance.periods)
            .filter(|t| works(*t))
            .take(duration as usize)
            .collect();
        if worked.len() < duration as usize {
            return Vec::new();
        }
        worked
    }

    fn cost(&self, project: &Project, finish: u32) -> Option<i64> {
        let periods = match self.instance.objective {
            Objective::Completion => finish,
            Objective::Lateness => project.due.map_or(0, |due| finish.saturating_sub(due)),
        };
        project.weight.unwrap_or(1).checked_mul(periods.into())
    }

    fn counts(&self, start: u32, finish: u32) -> Vec<u32> {
        let targets = (0u32..).zip(&self.instance.targets);
        let met = targets.filter(|(_, target)| match target.count {
            Count::Started => start <= target.by,
            Count::Finished => finish <= target.by,
        });
        met.map(|(at, _)| at).collect()
    }
}
