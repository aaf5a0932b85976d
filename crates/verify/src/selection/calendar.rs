//! Calendars, checked without the solver: every start against the seasons, every
//! crew counted, every price paid again.

use std::collections::HashMap;

mod after;
mod form;
mod status;

use minsheng_model::Text;

use crate::report::{Checks, Found, Report, differs, offends};
use form::{Instance, Node, Outcome, Part, Project, Start};
use status::status;

/// One way of doing a project: when, what it costs, and what it takes of which cell.
struct Way {
    start: Option<usize>,
    finish: Option<usize>,
    cost: i128,
    takes: Vec<(usize, i64)>,
    counts: Vec<usize>,
}

/// The instance, spelt out.
struct Table {
    rows: Vec<String>,
    cells: Vec<i64>,
    ways: Vec<Vec<Way>>,
    targets: Vec<i64>,
    periods: usize,
}

/// Checks an outcome of `solve calendar` against its instance, both as JSON text.
///
/// What cannot be read is a check that does not hold.
#[must_use]
pub fn check_calendar(instance: &str, outcome: &str) -> Report {
    let mut checks = Checks::default();
    if let Err(said) = run(&mut checks, instance, outcome) {
        let (zh, en) = ("文件可读", "the files can be read");
        checks.add("calendar/read", zh, en, 1, Some(said));
    }
    checks.report(
        Text::new(
            "进度表合规,合计无误,且没有更好的进度表低于所称下界",
            "the calendar keeps every rule, its sums are right, and none costs less than the stated bound",
        ),
        Text::new(
            "工期、班组和季节是否属实",
            "whether durations, crews and seasons are true",
        ),
    )
}

fn run(checks: &mut Checks, instance: &str, outcome: &str) -> Result<(), Text> {
    let said = |what: &str, e: serde_json::Error| offends(what, &e.to_string(), &e.to_string());
    let instance: Instance = serde_json::from_str(instance).map_err(|e| said("instance", e))?;
    let outcome: Outcome = serde_json::from_str(outcome).map_err(|e| said("outcome", e))?;
    let table = table(&instance)?;
    let n = instance.projects.len();
    checks.add(
        "calendar/starts",
        "每项的开工和完工时段可行",
        "every start and finish is possible",
        n,
        starts(&instance, &table, &outcome),
    );
    checks.add(
        "calendar/use",
        "各时段班组和资金未超,各目标已达",
        "no crew or budget is exceeded in any period and every target is met",
        table.cells.len(),
        used(&table, &outcome),
    );
    checks.add(
        "calendar/bound",
        "由所附价格重算的下界成立",
        "the bound follows from the prices given",
        outcome.certificate.parts.iter().map(|p| p.tree.len()).sum(),
        bound(&table, &outcome),
    );
    checks.add(
        "calendar/status",
        "结论与数字相符",
        "the status follows from the figures",
        1,
        status(&outcome),
    );
    Ok(())
}

fn table(instance: &Instance) -> Result<Table, Text> {
    let periods = instance.periods;
    let mut table = Table {
        rows: Vec::new(),
        cells: Vec::new(),
        ways: Vec::new(),
        targets: instance.targets.iter().map(|t| t.least).collect(),
        periods,
    };
    // What would not fit memory is refused before it is spelt out.
    let rows = instance.districts.len() + instance.budgets.len() + 1;
    let work = instance
        .projects
        .iter()
        .map(|p| p.duration.min(periods) + 1);
    let size = work.fold(rows, usize::saturating_add);
    let waits = instance.projects.iter().map(|p| p.after.len());
    let waits = waits.fold(0, usize::saturating_add);
    let size = size.saturating_add(waits.saturating_mul(periods).saturating_mul(2));
    if size.checked_mul(periods).is_none_or(|s| s > 50_000_000) {
        return Err(offends("periods", "过大", "are too many"));
    }
    let mut first: HashMap<String, usize> = HashMap::new();
    let districts = instance.districts.iter();
    let districts = districts.map(|d| (format!("district:{}", d.id), &d.crews));
    let budgets = instance.budgets.iter();
    let budgets = budgets.map(|b| (format!("budget:{}", b.id), &b.most));
    for (name, numbers) in districts.chain(budgets) {
        let one = numbers.len() == 1;
        if !one && numbers.len() != periods {
            return Err(offends(
                &name,
                "数目有误",
                "has the wrong number of numbers",
            ));
        }
        first.insert(name.clone(), table.cells.len());
        table.rows.push(name);
        let all = numbers.iter().copied().cycle();
        table.cells.extend(all.take(periods));
    }
    for project in &instance.projects {
        let row = |name: String| {
            let found = first.get(&name).copied();
            found.ok_or_else(|| offends(&name, "不存在", "does not exist"))
        };
        let crews = row(format!("district:{}", project.district))?;
        let mut spent = Vec::new();
        for (budget, cost) in &project.costs {
            spent.push((row(format!("budget:{budget}"))?, *cost));
        }
        table.ways.push(ways(instance, project, crews, &spent)?);
    }
    after::spell_out(instance, &mut table)?;
    Ok(table)
}

fn ways(
    instance: &Instance,
    project: &Project,
    crews: usize,
    spent: &[(usize, i64)],
) -> Result<Vec<Way>, Text> {
    let late = instance.objective.as_deref() == Some("lateness");
    let mut ways = Vec::new();
    if project.ineligible.is_some() {
        ways.push(Way {
            start: None,
            finish: None,
            cost: 0,
            takes: Vec::new(),
            counts: Vec::new(),
        });
        return Ok(ways);
    }
    for start in 1..=instance.periods {
        let early = project.earliest.is_some_and(|e| start < e);
        let behind = project.latest.is_some_and(|l| start > l);
        let closed = instance.no_start.contains(&start) || instance.no_work.contains(&start);
        if early || behind || closed || project.duration == 0 {
            continue;
        }
        let mut takes = Vec::new();
        let (mut done, mut at) = (0, start);
        while done < project.duration && at <= instance.periods {
            if !instance.no_work.contains(&at) {
                done += 1;
                takes.push((crews + at - 1, project.crews.unwrap_or(1)));
            }
            at += 1;
        }
        let finish = at - 1;
        if done < project.duration || project.deadline.is_some_and(|d| finish > d) {
            continue;
        }
        takes.extend(spent.iter().map(|(row, cost)| (row + start - 1, *cost)));
        if takes.iter().any(|(_, a)| *a < 0) {
            return Err(offends(&project.id, "用量为负", "takes less than nothing"));
        }
        let periods = match (late, project.due) {
            (false, _) => finish,
            (true, None) => 0,
            (true, Some(due)) => finish.saturating_sub(due),
        };
        let counts = instance.targets.iter().enumerate();
        let counts = counts.filter(|(_, t)| match t.count.as_str() {
            "started" => start <= t.by,
            _ => finish <= t.by,
        });
        ways.push(Way {
            start: Some(start),
            finish: Some(finish),
            cost: i128::from(project.weight.unwrap_or(1)) * periods as i128,
            takes,
            counts: counts.map(|(at, _)| at).collect(),
        });
    }
    if let Some(cost) = project.skip {
        ways.push(Way {
            start: None,
            finish: None,
            cost: cost.into(),
            takes: Vec::new(),
            counts: Vec::new(),
        });
    }
    Ok(ways)
}

fn taken<'a>(table: &'a Table, starts: &[Start]) -> Option<Vec<&'a Way>> {
    let all = table.ways.iter().zip(starts);
    all.map(|(ways, own)| ways.iter().find(|w| w.start == own.start))
        .collect()
}

fn starts(instance: &Instance, table: &Table, outcome: &Outcome) -> Found {
    if outcome.mechanism != "calendar" {
        return differs("mechanism", "calendar", outcome.mechanism.as_str());
    }
    let Some(starts) = &outcome.starts else {
        let empty =
            outcome.objective.is_none() && outcome.used.is_empty() && outcome.reached.is_empty();
        return (!empty).then(|| offends("starts", "缺少", "are missing"));
    };
    if starts.len() != instance.projects.len() {
        return differs("starts", instance.projects.len(), starts.len());
    }
    let mut total = 0i128;
    let all = starts.iter().zip(&instance.projects).zip(&table.ways);
    for ((own, project), ways) in all {
        let way = ways.iter().find(|w| w.start == own.start);
        let right = own.id == project.id
            && way.is_some_and(|w| w.finish == own.finish && w.cost == own.cost);
        if !right {
            return Some(offends(&own.id, "不可能如此", "cannot be done like this"));
        }
        total += own.cost;
    }
    let early = after::starts_early(instance, starts);
    if early.is_some() {
        return early;
    }
    (outcome.objective != Some(total)).then(|| offends("objective", "合计有误", "is another sum"))
}

fn used(table: &Table, outcome: &Outcome) -> Found {
    let starts = outcome.starts.as_ref()?;
    let Some(taken) = taken(table, starts) else {
        return Some(offends("starts", "不可能如此", "cannot be"));
    };
    let mut used = vec![0i128; table.cells.len()];
    let mut reached = vec![0i64; table.targets.len()];
    for way in taken {
        for (cell, amount) in &way.takes {
            *used.get_mut(*cell)? += i128::from(*amount);
        }
        for target in &way.counts {
            *reached.get_mut(*target)? += 1;
        }
    }
    if reached != outcome.reached {
        return Some(offends("reached", "有误", "are other counts"));
    }
    if let Some(short) = (0..reached.len()).find(|t| reached.get(*t) < table.targets.get(*t)) {
        return Some(offends(
            &format!("targets[{short}]"),
            "未达到",
            "is not met",
        ));
    }
    if outcome.used.len() != table.rows.len() {
        return differs("use", table.rows.len(), outcome.used.len());
    }
    let width = table.periods.max(1);
    let rows = table
        .rows
        .iter()
        .zip(used.chunks(width).zip(table.cells.chunks(width)));
    for (row, (used, most)) in rows {
        if outcome.used.get(row).map(Vec::as_slice) != Some(used) {
            return Some(offends(row, "合计有误", "has other sums"));
        }
        let over = used.iter().zip(most).position(|(u, m)| *u > i128::from(*m));
        if let Some(at) = over {
            return Some(offends(&format!("{row}[{at}]"), "超出", "is exceeded"));
        }
    }
    None
}

/// Checks that the parts' bounds hold and add up.
fn bound(table: &Table, outcome: &Outcome) -> Found {
    let infeasible = outcome.status == "proved-infeasible";
    let mut seen = vec![false; table.ways.len()];
    let mut total = 0i128;
    for (index, part) in outcome.certificate.parts.iter().enumerate() {
        let name = format!("parts[{index}]");
        for project in &part.projects {
            match seen.get_mut(*project) {
                Some(seen) if !*seen => *seen = true,
                _ => return Some(offends(&name, "项目有误", "names a wrong project")),
            }
        }
        if let Err(node) = replay(table, part) {
            return Some(offends(
                &format!("{name}.tree[{node}]"),
                "不成立",
                "does not hold",
            ));
        }
        match part.bound {
            Some(bound) => total = total.checked_add(bound)?,
            None if infeasible => return None,
            None => return Some(offends(&name, "缺少下界", "has no bound")),
        }
    }
    if infeasible {
        return Some(offends(
            "parts",
            "未证明无解",
            "do not prove that nothing is possible",
        ));
    }
    if seen.contains(&false) {
        return Some(offends("parts", "遗漏项目", "leave a project out"));
    }
    (outcome.bound != Some(total)).then(|| offends("bound", "合计有误", "is another sum"))
}

/// The projects of a part and which of their ways are left.
struct Rest<'a> {
    table: &'a Table,
    part: &'a Part,
    inside: Vec<bool>,
    /// By project: the earliest start left, the latest, and whether never is left.
    left: Vec<(usize, usize, bool)>,
}

impl Rest<'_> {
    /// Returns the scaled bound; `Ok(None)` when a project has no way left.
    fn weigh(&self, prices: &[(usize, i64)], scale: i64) -> Result<Option<i128>, ()> {
        let cells = self.table.cells.len();
        let mut paid: HashMap<usize, i64> = HashMap::new();
        let mut total = 0i128;
        for (at, price) in prices {
            if *price <= 0 || paid.insert(*at, *price).is_some() {
                return Err(());
            }
            let own = match at.checked_sub(cells) {
                None => -i128::from(*self.table.cells.get(*at).ok_or(())?),
                Some(target) => {
                    // Nobody else may count towards a target that is paid for here.
                    let others = self.table.ways.iter().zip(&self.inside);
                    let mut others = others.filter(|(_, inside)| !**inside);
                    if others.any(|(ways, _)| ways.iter().any(|w| w.counts.contains(&target))) {
                        return Err(());
                    }
                    i128::from(*self.table.targets.get(target).ok_or(())?)
                }
            };
            let own = own.checked_mul(i128::from(*price)).ok_or(())?;
            total = total.checked_add(own).ok_or(())?;
        }
        for project in &self.part.projects {
            let ways = self.table.ways.get(*project).ok_or(())?;
            let (from, to, never) = *self.left.get(*project).ok_or(())?;
            let mut least: Option<i128> = None;
            let open = |w: &&Way| w.start.map_or(never, |s| s >= from && s <= to);
            for way in ways.iter().filter(open) {
                let mut own = way.cost.checked_mul(scale.into()).ok_or(())?;
                for (cell, amount) in &way.takes {
                    let price = paid.get(cell).copied().unwrap_or(0);
                    let pays = i128::from(price) * i128::from(*amount);
                    own = own.checked_add(pays).ok_or(())?;
                }
                for target in &way.counts {
                    let price = paid.get(&(cells + target)).copied().unwrap_or(0);
                    own = own.checked_sub(price.into()).ok_or(())?;
                }
                least = Some(least.map_or(own, |l| l.min(own)));
            }
            match least {
                None => return Ok(None),
                Some(least) => total = total.checked_add(least).ok_or(())?,
            }
        }
        Ok(Some(total))
    }

    /// Whether the leaf's prices close what is left.
    fn closes(&self, node: &Node) -> Result<bool, ()> {
        match (&node.prices, &node.conflict) {
            (None, Some(prices)) => Ok(self.weigh(prices, 0)?.is_none_or(|t| t > 0)),
            (Some(prices), None) if self.part.scale > 0 => {
                let Some(bound) = self.part.bound else {
                    return Ok(false);
                };
                let scale = i128::from(self.part.scale);
                Ok(self.weigh(prices, self.part.scale)?.is_none_or(|total| {
                    // Rounded up, it reaches the bound.
                    bound
                        .checked_sub(1)
                        .and_then(|b| b.checked_mul(scale))
                        .is_some_and(|b| total > b)
                }))
            }
            _ => Err(()),
        }
    }
}

enum Task {
    Node(Option<(usize, (usize, usize, bool))>),
    Back(usize, (usize, usize, bool)),
}

fn replay(table: &Table, part: &Part) -> Result<(), usize> {
    let mut inside = vec![false; table.ways.len()];
    for project in &part.projects {
        *inside.get_mut(*project).ok_or(0usize)? = true;
    }
    let mut state = Rest {
        table,
        part,
        inside,
        left: vec![(0, usize::MAX, true); table.ways.len()],
    };
    let mut tasks = vec![Task::Node(None)];
    let mut next = 0;
    while let Some(task) = tasks.pop() {
        let change = match task {
            Task::Back(project, old) => {
                *state.left.get_mut(project).ok_or(next)? = old;
                continue;
            }
            Task::Node(change) => change,
        };
        let node = part.tree.get(next).ok_or(next)?;
        if let Some((project, new)) = change {
            let own = state.left.get_mut(project).ok_or(next)?;
            tasks.push(Task::Back(project, *own));
            *own = new;
        }
        match (node.project, node.by) {
            (Some(project), Some(by)) if node.prices.is_none() && node.conflict.is_none() => {
                if state.inside.get(project) != Some(&true) {
                    return Err(next);
                }
                let (from, to, never) = *state.left.get(project).ok_or(next)?;
                let after = by.checked_add(1).ok_or(next)?;
                tasks.push(Task::Node(Some((project, (from.max(after), to, never)))));
                tasks.push(Task::Node(Some((project, (from, to.min(by), false)))));
            }
            (None, None) => {
                if !state.closes(node).map_err(|()| next)? {
                    return Err(next);
                }
            }
            _ => return Err(next),
        }
        next += 1;
    }
    if next == part.tree.len() {
        Ok(())
    } else {
        Err(next)
    }
}
