//! What-if on a whole programme: the same registers under other rules, seats, draws or
//! mechanisms; who gains, who loses, through which rule or cut-off, and how sure that is
//! over many draws.
//!
//! Rules are evaluated once for each set of them; everything else works on flat lists
//! and solves again. A what-if is no decision: nothing here is published or binding.
//!
//! **Invariant:** the answer follows from the arguments alone; threads, the order of
//! rows and clocks do not matter. Counts of groups below the programme's smallest cell
//! are hidden, and so is what would give them away.

mod chance;
mod change;
pub mod charts;
mod closings;
mod figures;
mod groups;
mod misreport;
mod moved;
mod report;
mod setting;
mod solve;
mod suppress;

use std::path::PathBuf;

use minsheng_cycle::Registers;
use minsheng_matching::{Closed, MarketError};
use minsheng_model::{Diagnostic, Rules, Text, Verdict};
use minsheng_programme::{Alternative, At};
use rayon::prelude::*;

pub use closings::ProviderClosing;
pub use figures::{Band, Kind};
pub use groups::{Cells, GroupRow, GroupTable};
pub use misreport::{Misreports, Paying, Theory};
pub use moved::{Mover, Place, Reason, ReasonCount, Standing};
pub use report::{Comparison, Figure, Side, Versus};

use change::Settled;
use figures::{Figures, Grouping, Told};
use moved::Seen;
use setting::{Chance, Ground, Setting};
use solve::Solved;

/// Another programme file over the same registers.
#[derive(Debug)]
pub struct Other {
    /// The file, as the alternative names it.
    pub path: PathBuf,
    /// Its rules.
    pub rules: Rules,
    /// The registers as it declares them, where it declares them otherwise.
    pub registers: Option<Registers>,
}

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// The programme as it stands.
    pub rules: &'a Rules,
    /// What it is compared with.
    pub alternatives: &'a [Alternative],
    /// The programme files that alternatives name.
    pub others: &'a [Other],
    /// How many draws bands are made of; 0 for none.
    pub draws: u32,
    /// The public text that these follow from.
    pub seed: &'a str,
    /// Applicants' columns to show figures by.
    pub by: &'a [(String, At)],
    /// The choices' column of metres.
    pub travel: Option<&'a (String, At)>,
    /// For how many applicants other lists are tried; `None` chooses by size, 0 tries
    /// none.
    pub misreports: Option<u32>,
}

/// The steps, for progress reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Evaluating rules.
    Rules,
    /// A draw was decided under every set of rules: how many are done, of how many.
    Draw(u32, u32),
    /// Trying other lists.
    Misreports,
}

/// Compares a programme with alternatives. The registers are let go as soon as
/// everything is read from them.
///
/// # Errors
/// Everything that is wrong with the alternatives at once, each with its place and what
/// was probably meant; then whatever rules and registers say.
pub fn compare(
    question: &Question<'_>,
    registers: Registers,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Comparison, Vec<Diagnostic>> {
    progress(Step::Rules);
    let mut wrong = Vec::new();
    let all = std::iter::once(question.rules).chain(question.others.iter().map(|o| &o.rules));
    for rules in all.filter(|r| !r.mechanism.is_match()) {
        let id = &rules.programme;
        wrong.push(Diagnostic::error(
            "what-if/kind",
            Text::new(
                format!("`{id}` 不是把申请人安排到名额的项目,不能这样比较"),
                format!(
                    "`{id}` does not match applicants to places; only such programmes are compared"
                ),
            ),
        ));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut settled = Vec::new();
    for alternative in question.alternatives {
        match change::settle(question, alternative) {
            Ok(one) => settled.push(one),
            Err(found) => wrong.extend(found),
        }
    }
    // As the first round sees them: who comes late waits for a later one.
    let registers = match minsheng_cycle::in_time(question.rules, &registers, 1)? {
        Some(within) => within,
        None => registers,
    };
    let groupings = groups::read(&registers, question.by).unwrap_or_else(|found| {
        wrong.extend(found);
        Vec::new()
    });
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let run = Run::prepare(question, settled, groupings, registers)?;
    run.answer(question, progress)
}

/// Everything read from the registers.
struct Run {
    base: Setting,
    others: Vec<Setting>,
    groupings: Vec<Grouping>,
    tickets: Vec<String>,
    providers: Vec<String>,
    chance: Chance,
}

impl Run {
    fn prepare(
        question: &Question<'_>,
        settled: Vec<Settled<'_>>,
        groupings: Vec<Grouping>,
        registers: Registers,
    ) -> Result<Self, Vec<Diagnostic>> {
        let ground = Ground::new(question.rules, &registers, question.travel)?;
        let base = Setting::new(Settled::base(question.rules), &ground, &registers)?;
        let mut others: Vec<(usize, Setting)> = Vec::new();
        let mut fresh = Vec::new();
        let mut wrong = Vec::new();
        for (index, one) in settled.into_iter().enumerate() {
            if one.fresh {
                fresh.push((index, one));
                continue;
            }
            match Setting::new(one, &ground, &registers) {
                Ok(setting) => others.push((index, setting)),
                Err(found) => wrong.extend(found),
            }
        }
        let (tickets, providers) = (
            ground.prepared.names.tickets.clone(),
            ground.prepared.names.providers.clone(),
        );
        // A city's choices need not be in memory twice.
        drop(ground);
        for (index, one) in fresh {
            let own = one.other.and_then(|o| o.registers.as_ref());
            let registers = own.unwrap_or(&registers);
            let within = minsheng_cycle::in_time(&one.rules, registers, 1)?;
            let registers = within.as_ref().unwrap_or(registers);
            let made = Ground::new(&one.rules, registers, question.travel).and_then(|ground| {
                let names = &ground.prepared.names;
                if names.tickets != tickets || names.providers != providers {
                    return Err(vec![other_people(&one.at)]);
                }
                Setting::new(one, &ground, registers)
            });
            match made {
                Ok(setting) => others.push((index, setting)),
                Err(found) => wrong.extend(found),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        others.sort_by_key(|(index, _)| *index);
        let chance = match base.lists.own {
            Some(_) => Chance::Own,
            None => Chance::Drawn(chance::key(question.seed, 1)),
        };
        Ok(Self {
            base,
            others: others.into_iter().map(|(_, setting)| setting).collect(),
            groupings,
            tickets,
            providers,
            chance,
        })
    }

    fn told(&self, setting: &Setting, error: &MarketError) -> Vec<Diagnostic> {
        let provider = error
            .provider()
            .and_then(|p| self.providers.get(p as usize));
        let at = provider.map_or_else(String::new, |p| format!("`{p}`: "));
        let id = &setting.id;
        vec![Diagnostic::error(
            "what-if/market",
            Text::new(
                format!("方案 `{id}` 的名额与志愿互相矛盾:{at}{error}"),
                format!("alternative `{id}`: {at}{error}"),
            ),
        )]
    }

    /// Decides every set of rules in one draw and looks at it from above.
    fn draw(&self, chance: Chance) -> Result<Vec<Figures>, Vec<Diagnostic>> {
        let mut all = Vec::with_capacity(self.others.len() + 1);
        let mut was: Vec<u32> = Vec::new();
        for setting in std::iter::once(&self.base).chain(&self.others) {
            let seen = self.look(setting, chance);
            let (mut figures, _, positions) = seen.map_err(|e| self.told(setting, &e))?;
            if all.is_empty() {
                was = positions;
            } else {
                figures.versus = figures::versus(&was, &positions);
            }
            all.push(figures);
        }
        Ok(all)
    }

    /// Decides one set of rules in one draw and looks at it from above; returns the
    /// positions too.
    fn look(
        &self,
        setting: &Setting,
        chance: Chance,
    ) -> Result<(Figures, Solved, Vec<u32>), MarketError> {
        let solved = setting.decide(chance)?;
        let positions = figures::positions(setting, &solved.outcome);
        let mut figures = figures::count(setting, &solved.outcome, &positions, &self.groupings);
        figures.closed = solved.closed.iter().map(|c| c.provider).collect();
        if !figures.closed.is_empty() {
            figures.by_closing = closings::moved(setting, &positions, chance)?;
        }
        Ok((figures, solved, positions))
    }

    fn answer(
        &self,
        question: &Question<'_>,
        progress: &(dyn Fn(Step) + Sync),
    ) -> Result<Comparison, Vec<Diagnostic>> {
        let done = std::sync::atomic::AtomicU32::new(0);
        let draws: Result<Vec<Vec<Figures>>, Vec<Diagnostic>> = (1..=question.draws)
            .into_par_iter()
            .map(|number| {
                let figures = self.draw(Chance::Drawn(chance::key(question.seed, number)));
                let before = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                progress(Step::Draw(before + 1, question.draws));
                figures
            })
            .collect();
        let draws = draws?;
        let looked = self.look(&self.base, self.chance);
        let (base, solved, positions) = looked.map_err(|e| self.told(&self.base, &e))?;
        let seen = Seen::new(&self.base, &solved, self.chance);
        let seen = seen.map_err(|e| self.told(&self.base, &e))?;
        let mut all = Vec::new();
        for setting in &self.others {
            let one = self.one(setting, &seen, &positions, question, progress);
            all.push(one.map_err(|e| self.told(setting, &e))?);
        }
        let mut settings = std::iter::once(&self.base).chain(&self.others);
        let told = Told {
            singles: self.singles(&base, &all),
            travel: question.travel.is_some(),
            closings: settings.any(|s| !s.minimum.is_empty()),
        };
        let side = |setting: &Setting, figures: &Figures, closed: &[Closed], draws: &[&Figures]| {
            let figures = list(figures, draws, told);
            side(setting, figures, closed, draws, &self.providers)
        };
        let mut tables = self.tables(&base, &all, &draws, question.rules.cell_min);
        let column = |at: usize| {
            draws
                .iter()
                .filter_map(move |d| d.get(at))
                .collect::<Vec<_>>()
        };
        let before = column(0);
        let alternatives = self.others.iter().zip(all).enumerate();
        let alternatives = alternatives
            .map(|(index, (setting, one))| {
                let after = column(index + 1);
                Versus {
                    side: side(setting, &one.figures, &one.closed, &after),
                    differences: differences(&base, &one.figures, [&before, &after], told),
                    groups: tables
                        .iter_mut()
                        .filter_map(|t| t.get_mut(index).map(std::mem::take))
                        .collect(),
                    reasons: moved::reasons(&one.movers),
                    misreports: one.misreports,
                    movers: one.movers,
                }
            })
            .collect();
        let rules = question.rules;
        Ok(Comparison {
            programme: rules.programme.clone(),
            title: rules.title.clone(),
            cycle: rules.cycle.clone(),
            notice: rules.notice.clone(),
            applicants: self.tickets.len() as u64,
            seed: question.seed.to_owned(),
            draws: question.draws,
            own_draw: matches!(self.chance, Chance::Own),
            cell_min: rules.cell_min,
            travel: question.travel.map(|(column, _)| column.clone()),
            base: side(&self.base, &base, &solved.closed, &before),
            alternatives,
        })
    }

    /// Decides an alternative in the draw that decides.
    fn one(
        &self,
        setting: &Setting,
        base: &Seen<'_>,
        was: &[u32],
        question: &Question<'_>,
        progress: &(dyn Fn(Step) + Sync),
    ) -> Result<One, MarketError> {
        let (mut figures, solved, positions) = self.look(setting, self.chance)?;
        figures.versus = figures::versus(was, &positions);
        let seen = Seen::new(setting, &solved, self.chance)?;
        let names = [self.tickets.as_slice(), self.providers.as_slice()];
        let movers = moved::movers(base, &seen, [was, &positions], names[0], names[1]);
        let misreports = match question.misreports {
            Some(0) => None,
            most => {
                progress(Step::Misreports);
                let seed = question.seed;
                let found =
                    misreport::look(setting, &solved.outcome, self.chance, seed, most, names)?;
                Some(found)
            }
        };
        let changes = self.groupings.iter().map(|g| changes(g, was, &positions));
        Ok(One {
            figures,
            movers,
            misreports,
            changes: changes.collect(),
            closed: solved.closed,
        })
    }

    /// Returns how many positions to tell singly: as many as occur, at most
    /// [`figures::LATER`].
    fn singles(&self, base: &Figures, all: &[One]) -> usize {
        let figures = std::iter::once(base).chain(all.iter().map(|o| &o.figures));
        let last = |f: &Figures| {
            let singles = f.at_position.iter().take(figures::LATER);
            singles
                .map(|n| *n > 0)
                .collect::<Vec<_>>()
                .iter()
                .rposition(|n| *n)
        };
        figures.filter_map(last).max().map_or(1, |last| last + 1)
    }

    /// Returns for each grouping one table per alternative.
    fn tables(
        &self,
        base: &Figures,
        all: &[One],
        draws: &[Vec<Figures>],
        least: u32,
    ) -> Vec<Vec<GroupTable>> {
        let groupings = self.groupings.iter().enumerate();
        groupings
            .map(|(index, grouping)| {
                let counts = |f: &'_ Figures| f.groups.get(index).cloned().unwrap_or_default();
                let base_counts = counts(base);
                let own_counts: Vec<_> = all.iter().map(|o| counts(&o.figures)).collect();
                let pairs: Vec<Vec<(&Figures, &Figures)>> = (1..=all.len())
                    .map(|at| {
                        draws
                            .iter()
                            .filter_map(|d| Some((d.first()?, d.get(at)?)))
                            .collect()
                    })
                    .collect();
                let side = groups::Side {
                    counts: &base_counts,
                    eligible: eligible(grouping, &self.base.verdicts),
                };
                let others = self
                    .others
                    .iter()
                    .zip(all)
                    .zip(own_counts.iter().zip(&pairs));
                let others: Vec<groups::Against<'_>> = others
                    .map(|((setting, one), (counts, draws))| groups::Against {
                        side: groups::Side {
                            counts,
                            eligible: eligible(grouping, &setting.verdicts),
                        },
                        changes: one.changes.get(index).cloned().unwrap_or_default(),
                        draws,
                    })
                    .collect();
                groups::tables(grouping, index, &side, &others, u64::from(least))
            })
            .collect()
    }
}

/// An alternative in the draw that decides.
struct One {
    figures: Figures,
    movers: Vec<Mover>,
    misreports: Option<Misreports>,
    /// For each grouping, for each group: better, worse.
    changes: Vec<Vec<[u64; 2]>>,
    closed: Vec<Closed>,
}

fn eligible(grouping: &Grouping, verdicts: &[Verdict]) -> Vec<u64> {
    let mut counts = vec![0; grouping.values.len()];
    for (group, verdict) in grouping.of.iter().zip(verdicts) {
        if let (Some(count), Verdict::Eligible) = (counts.get_mut(*group as usize), verdict) {
            *count += 1;
        }
    }
    counts
}

fn changes(grouping: &Grouping, was: &[u32], is: &[u32]) -> Vec<[u64; 2]> {
    let mut counts = vec![[0; 2]; grouping.values.len()];
    for (group, (was, is)) in grouping.of.iter().zip(was.iter().zip(is)) {
        let one = figures::versus(std::slice::from_ref(was), std::slice::from_ref(is));
        if let Some(counts) = counts.get_mut(*group as usize) {
            for (count, add) in counts.iter_mut().zip(one) {
                *count += add;
            }
        }
    }
    counts
}

fn side(
    setting: &Setting,
    figures: Vec<Figure>,
    closed: &[Closed],
    draws: &[&Figures],
    providers: &[String],
) -> Side {
    let closings = !setting.minimum.is_empty();
    let seats = setting.lists.market.seats.iter();
    Side {
        id: setting.id.clone(),
        title: setting.title.clone(),
        changes: setting.said.clone(),
        mechanism: setting.mechanism.name().to_owned(),
        theory: misreport::theory(setting.mechanism, setting.most.is_some(), closings),
        places: seats.map(|s| u64::from(s.capacity)).sum(),
        figures,
        closings: closings.then(|| closings::list(setting, closed, draws, providers)),
    }
}

fn list(own: &Figures, draws: &[&Figures], told: Told) -> Vec<Figure> {
    let drawn: Vec<_> = draws.iter().map(|f| f.list(told)).collect();
    let own = own.list(told).into_iter().enumerate();
    own.map(|(at, (kind, value))| {
        let values = drawn.iter().filter_map(|d| d.get(at)?.1);
        Figure {
            kind,
            value,
            band: Band::of(values),
        }
    })
    .collect()
}

/// Returns each figure less that of the base, in the same draw.
fn differences(
    base: &Figures,
    own: &Figures,
    [before, after]: [&[&Figures]; 2],
    told: Told,
) -> Vec<Figure> {
    let less = |was: &Figures, is: &Figures| -> Vec<(Kind, Option<i64>)> {
        let pairs = was.list(told).into_iter().zip(is.list(told));
        let mut all: Vec<(Kind, Option<i64>)> = pairs
            .map(|((kind, was), (_, is))| (kind, is.zip(was).map(|(is, was)| is - was)))
            .collect();
        let kinds = [Kind::Better, Kind::Worse, Kind::Same];
        all.extend(
            kinds
                .into_iter()
                .zip(is.versus.map(|n| i64::try_from(n).ok())),
        );
        all
    };
    let drawn: Vec<_> = before
        .iter()
        .zip(after)
        .map(|(was, is)| less(was, is))
        .collect();
    let own = less(base, own).into_iter().enumerate();
    own.map(|(at, (kind, value))| Figure {
        kind,
        value,
        band: Band::of(drawn.iter().filter_map(|d| d.get(at)?.1)),
    })
    .collect()
}

fn other_people(at: &At) -> Diagnostic {
    at.error(
        "what-if/registers",
        "另一项目文件的申请人或供给方与现行项目不同,无法逐人比较".to_owned(),
        "the other programme file has other applicants or providers, so people cannot be compared one by one".to_owned(),
    )
}
