//! Targets against actuals on a given day: three statuses side by side.

use minsheng_model::{Date, Decimal, Text};
use serde::Serialize;

use crate::exact::{product, quotient};
pub use crate::register::Register;
use crate::register::{
    Commitment, Computed, EventKind, Indicator, Kind, Nature, Observation, Proposal, Target,
};

/// Where the figure of a query comes from: the caller runs the SQL.
pub trait Actuals {
    /// Returns the figure of a query and what it was counted from; `None` is no
    /// data.
    ///
    /// # Errors
    /// When the query itself is wrong.
    fn actual(&self, computed: &Computed) -> Result<Option<(Decimal, Text)>, Text>;
}

/// No queries: the reported figures alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportedOnly;

impl Actuals for ReportedOnly {
    fn actual(&self, _: &Computed) -> Result<Option<(Decimal, Text)>, Text> {
        Ok(None)
    }
}

/// What the figures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The actual has reached the target.
    Done,
    /// It is at least where the plan expects it, within the tolerance.
    OnTrack,
    /// It is less.
    Behind,
    /// The period is over and the target is not reached.
    Overdue,
    /// No figure is known yet.
    NoData,
    /// Nothing that can be counted was promised.
    NotMeasurable,
}

impl State {
    /// Returns the word in both languages.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Done => Text::new("完成", "done"),
            Self::OnTrack => Text::new("按进度", "on track"),
            Self::Behind => Text::new("滞后", "behind"),
            Self::Overdue => Text::new("逾期", "overdue"),
            Self::NoData => Text::new("无数据", "no data"),
            Self::NotMeasurable => Text::new("不可量化", "not measurable"),
        }
    }
}

/// What the body itself says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Official {
    /// Promised, no report yet.
    Announced,
    /// Reported as going on.
    InProgress,
    /// Reported as done.
    Completed,
    /// Given up.
    Abandoned,
    /// Nothing is known on that day.
    Unknown,
}

/// What the calendar says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Before the period.
    NotStarted,
    /// Within it.
    Running,
    /// After it.
    Ended,
    /// No date was given.
    Open,
}

/// One target on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetStatus {
    /// The indicator.
    pub indicator: String,
    /// Its name.
    pub title: Text,
    /// Its measure word.
    pub unit: String,
    /// From when.
    pub period_start: Option<Date>,
    /// By when.
    pub period_end: Option<Date>,
    /// The target.
    pub target: Decimal,
    /// What the plan expects by that day, rounded down to a whole number.
    pub expected: Option<Decimal>,
    /// The latest figure known.
    pub actual: Option<Decimal>,
    /// Where the figure is from.
    pub source: String,
    /// The actual in hundredths of the target, rounded down.
    pub percent: Option<Decimal>,
    /// The result of the period before, if one is known.
    pub last_year: Option<Decimal>,
    /// What the figures say.
    pub evidence: State,
    /// What the calendar says.
    pub schedule: Schedule,
}

/// A proposal's clocks on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clocks {
    /// Who proposes.
    pub deputies: Vec<String>,
    /// The host unit.
    pub host: String,
    /// Three months after it was handed over.
    pub three_months: Option<Date>,
    /// Six months after: the latest, for a hard case.
    pub six_months: Option<Date>,
    /// The reply's day, if it was known.
    pub replied: Option<Date>,
    /// The reply's class.
    pub class: String,
    /// How the clocks stand.
    pub state: ClockState,
}

/// How a proposal's clocks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Nobody has received it, as far as is known.
    NotReceived,
    /// Within three months.
    Running,
    /// After three months, within six.
    Extended,
    /// After six months without a reply.
    Late,
    /// Replied within three months.
    Replied,
    /// Replied within six.
    RepliedExtended,
    /// Replied after six.
    RepliedLate,
}

/// One commitment on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommitmentStatus {
    /// Its id.
    pub id: String,
    /// Its words.
    pub title: Text,
    /// What sort.
    pub nature: Nature,
    /// The responsible body.
    pub body: String,
    /// What the body says.
    pub official: Official,
    /// What the figures or events say of the whole: the worst of its targets.
    pub evidence: State,
    /// What the calendar says.
    pub schedule: Schedule,
    /// Each target.
    pub targets: Vec<TargetStatus>,
    /// The latest figures of its indicators that answer no target.
    pub figures: Vec<Figure>,
    /// What queries over registers and bundles give, apart from what was reported.
    pub computed: Vec<ComputedFigure>,
    /// For a proposal.
    pub clocks: Option<Clocks>,
    /// Events known on that day, oldest first.
    pub events: Vec<crate::register::Event>,
}

/// A figure that answers no target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The indicator.
    pub indicator: String,
    /// Its name.
    pub title: Text,
    /// Its measure word.
    pub unit: String,
    /// The value.
    pub value: Decimal,
    /// The day it holds of or counts up to.
    pub period_end: Date,
}

/// A figure that a query gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComputedFigure {
    /// The indicator.
    pub indicator: String,
    /// Its name.
    pub title: Text,
    /// Its measure word.
    pub unit: String,
    /// The day it holds of.
    pub as_of: Date,
    /// The value; none where there is nothing to count from.
    pub value: Option<Decimal>,
    /// What it was counted from.
    pub counted: Text,
    /// The query.
    pub sql: String,
    /// The target of the same indicator and time, if there is one.
    pub target: Option<Decimal>,
    /// What this figure alone says of that target.
    pub evidence: Option<State>,
    /// The latest figure reported by then of the same indicator.
    pub reported: Option<Decimal>,
}

/// Returns the status of every commitment announced by a day.
///
/// # Errors
/// What a query refuses, with the commitment's id.
pub fn track(
    register: &Register,
    as_of: Date,
    actuals: &dyn Actuals,
) -> Result<Vec<CommitmentStatus>, (String, Text)> {
    register
        .commitments
        .iter()
        .filter(|c| announced(c, as_of))
        .map(|c| one(register, c, as_of, actuals).map_err(|e| (c.id.clone(), e)))
        .collect()
}

/// A commitment exists from the first thing known of it.
fn announced(c: &Commitment, as_of: Date) -> bool {
    let first = c
        .targets
        .iter()
        .map(|t| t.announced)
        .chain(c.observations.iter().map(|o| o.known))
        .chain(c.events.iter().map(|e| e.date))
        .min();
    first.is_none_or(|d| d <= as_of)
}

fn one(
    register: &Register,
    c: &Commitment,
    as_of: Date,
    actuals: &dyn Actuals,
) -> Result<CommitmentStatus, Text> {
    let known: Vec<&Observation> = c.observations.iter().filter(|o| o.known <= as_of).collect();
    let targets: Vec<TargetStatus> = c
        .targets
        .iter()
        .filter(|t| t.announced <= as_of)
        .filter_map(|t| {
            Some(target(
                t,
                register.indicator(&t.indicator)?,
                &known,
                as_of,
                register.tolerance,
            ))
        })
        .collect();
    let events: Vec<_> = c
        .events
        .iter()
        .filter(|e| e.date <= as_of)
        .cloned()
        .collect();
    let last = events.iter().max_by_key(|e| e.date).map(|e| e.kind);
    let official = match last {
        Some(EventKind::Announced | EventKind::Revised) => Official::Announced,
        Some(EventKind::Reported) => Official::InProgress,
        Some(EventKind::Completed) => Official::Completed,
        Some(EventKind::Abandoned) => Official::Abandoned,
        None if known.is_empty() && targets.is_empty() => Official::Unknown,
        None if known.is_empty() => Official::Announced,
        None => Official::InProgress,
    };
    let figures = figures(register, c, &known);
    let computed = crate::computed::computed(register, c, &known, as_of, actuals)?;
    let scored = c.nature == Nature::Commitment;
    let current: Vec<&TargetStatus> = targets
        .iter()
        .filter(|t| t.schedule != Schedule::Ended)
        .collect();
    let shown: Vec<&TargetStatus> = if current.is_empty() {
        last_period(&targets)
    } else {
        current
    };
    let evidence = if let Some(worst) = shown
        .iter()
        .map(|t| t.evidence)
        .max_by_key(|s| rank(*s))
        .filter(|_| scored)
    {
        worst
    } else {
        without_targets(c, official, as_of, !figures.is_empty())
    };
    let schedule = shown
        .iter()
        .map(|t| t.schedule)
        .min()
        .unwrap_or(match c.due {
            Some(due) if due < as_of => Schedule::Ended,
            Some(_) => Schedule::Running,
            None => Schedule::Open,
        });
    Ok(CommitmentStatus {
        id: c.id.clone(),
        title: c.title.clone(),
        nature: c.nature,
        body: c.body.clone(),
        official,
        evidence,
        schedule,
        targets,
        figures,
        computed,
        clocks: c.proposal.as_ref().map(|p| clocks(p, as_of)),
        events,
    })
}

fn last_period(targets: &[TargetStatus]) -> Vec<&TargetStatus> {
    let last = targets.iter().filter_map(|t| t.period_end).max();
    targets.iter().filter(|t| t.period_end == last).collect()
}

/// From best to worst, for the whole of a commitment.
fn rank(s: State) -> u8 {
    match s {
        State::Done => 0,
        State::OnTrack => 1,
        State::NotMeasurable => 2,
        State::NoData => 3,
        State::Behind => 4,
        State::Overdue => 5,
    }
}

/// A promise in words is done when that is recorded, overdue when its day has
/// passed; without either it cannot be measured.
fn without_targets(c: &Commitment, official: Official, as_of: Date, figures: bool) -> State {
    if official == Official::Completed {
        return State::Done;
    }
    match c.due {
        Some(due) if c.nature == Nature::Commitment && due < as_of => State::Overdue,
        Some(_) if c.nature == Nature::Commitment && c.what_would_count.is_some() => State::NoData,
        _ if c.nature == Nature::Result && figures => State::Done,
        _ => State::NotMeasurable,
    }
}

fn figures(register: &Register, c: &Commitment, known: &[&Observation]) -> Vec<Figure> {
    let mut all: Vec<Figure> = Vec::new();
    for i in register
        .indicators
        .iter()
        .filter(|i| c.targets.iter().all(|t| t.indicator != i.id))
    {
        let latest = known
            .iter()
            .filter(|o| o.indicator == i.id)
            .max_by_key(|o| (o.period_end, o.known));
        if let Some(o) = latest {
            all.push(Figure {
                indicator: i.id.clone(),
                title: i.title.clone(),
                unit: i.unit.clone(),
                value: o.value,
                period_end: o.period_end,
            });
        }
    }
    all
}

fn target(
    t: &Target,
    i: &Indicator,
    known: &[&Observation],
    as_of: Date,
    tolerance: u32,
) -> TargetStatus {
    let within = |o: &&&Observation| {
        let started = match i.kind {
            Kind::Flow => o
                .period_start
                .zip(t.period_start)
                .is_none_or(|(a, b)| a >= b),
            Kind::Stock | Kind::Ratio => t.period_start.is_none_or(|s| o.period_end >= s),
        };
        o.indicator == t.indicator && started && t.period_end.is_none_or(|e| o.period_end <= e)
    };
    let latest = known
        .iter()
        .filter(within)
        .max_by_key(|o| (o.period_end, o.known));
    let actual = latest.map(|o| o.value);
    let schedule = match (t.period_start, t.period_end) {
        (_, Some(end)) if as_of > end => Schedule::Ended,
        (Some(start), _) if as_of < start => Schedule::NotStarted,
        (_, None) => Schedule::Open,
        _ => Schedule::Running,
    };
    let expected = expected(t, i, as_of);
    // What was counted up to its own day is measured by the plan of that day.
    let due = latest.map_or(expected, |o| self::expected(t, i, o.period_end.min(as_of)));
    let evidence = judged(actual, t, i, schedule, due, tolerance);
    TargetStatus {
        indicator: t.indicator.clone(),
        title: i.title.clone(),
        unit: i.unit.clone(),
        period_start: t.period_start,
        period_end: t.period_end,
        target: t.value,
        expected,
        actual,
        source: latest.map_or_else(String::new, |o| o.source.clone()),
        percent: actual.and_then(|a| percent(a, t.value)),
        last_year: last_year(t, i, known),
        evidence,
        schedule,
    }
}

/// What a figure says of a target: reached, over time, or held against the plan.
pub(crate) fn judged(
    actual: Option<Decimal>,
    t: &Target,
    i: &Indicator,
    schedule: Schedule,
    due: Option<Decimal>,
    tolerance: u32,
) -> State {
    match actual {
        None => State::NoData,
        Some(a) if reached(a, t.value, i.ascending) => State::Done,
        Some(_) if schedule == Schedule::Ended => State::Overdue,
        Some(a) if due.is_none_or(|e| near(a, e, tolerance, i.ascending)) => State::OnTrack,
        Some(_) => State::Behind,
    }
}

fn reached(actual: Decimal, target: Decimal, ascending: bool) -> bool {
    if ascending {
        actual >= target
    } else {
        actual <= target
    }
}

/// actual ≥ expected × (1 − tolerance), in whole numbers.
fn near(actual: Decimal, expected: Decimal, tolerance: u32, ascending: bool) -> bool {
    let part = |factor: i64| product(expected, Decimal::new(i128::from(factor), 3).ok()?);
    let slack = i64::from(tolerance.min(1000));
    if ascending {
        part(1000 - slack).is_some_and(|e| actual >= e)
    } else {
        part(1000 + slack).is_some_and(|e| actual <= e)
    }
}

fn whole(d: Decimal) -> Option<Decimal> {
    let unit = 10i128.checked_pow(u32::from(d.scale()))?;
    Decimal::new(d.mantissa().div_euclid(unit), 0).ok()
}

fn percent(actual: Decimal, target: Decimal) -> Option<Decimal> {
    let hundred = product(actual, Decimal::from(100))?;
    whole(quotient(hundred, target)?.0)
}

/// Target × the plan's share by that day: the curve month by month, or evenly by
/// days. A stock or an open target has no plan.
pub(crate) fn expected(t: &Target, i: &Indicator, as_of: Date) -> Option<Decimal> {
    let (start, end) = (t.period_start?, t.period_end?);
    if i.kind != Kind::Flow {
        return None;
    }
    if as_of >= end {
        return Some(t.value);
    }
    if as_of < start {
        return Some(Decimal::from(0));
    }
    if t.curve.is_empty() {
        let days = i64::from(as_of.days() - start.days() + 1);
        let all = i64::from(end.days() - start.days() + 1);
        return whole(quotient(product(t.value, Decimal::from(days))?, Decimal::from(all))?.0);
    }
    let months = |d: Date| d.ymd().0 * 12 + i32::try_from(d.ymd().1).unwrap_or(1) - 1;
    // Only months that are over count.
    let over = usize::try_from(months(as_of) - months(start)).ok()?;
    let share = over
        .checked_sub(1)
        .and_then(|k| t.curve.get(k))
        .copied()
        .unwrap_or(0);
    whole(product(t.value, Decimal::new(i128::from(share), 3).ok()?)?)
}

/// The result of the period of the same length that ended the day before.
fn last_year(t: &Target, i: &Indicator, known: &[&Observation]) -> Option<Decimal> {
    let start = t.period_start?;
    let before = start.shift(0, -1)?;
    let from = start.shift(-12, 0)?;
    known
        .iter()
        .filter(|o| {
            o.indicator == i.id
                && o.period_end <= before
                && o.period_end >= from
                && o.period_start.is_none_or(|s| s >= from)
        })
        .max_by_key(|o| (o.period_end, o.known))
        .map(|o| o.value)
}

/// The law gives three months, and six for a hard case.
fn clocks(p: &Proposal, as_of: Date) -> Clocks {
    let after = |months: i32| p.received.and_then(|d| d.shift(months, 0));
    let (three, six) = (after(3), after(6));
    let replied = p.replied.filter(|d| *d <= as_of);
    let late = |day: Date, limit: Option<Date>| limit.is_some_and(|l| day > l);
    let state = match (p.received.filter(|d| *d <= as_of), replied) {
        (None, _) => ClockState::NotReceived,
        (_, Some(day)) if late(day, six) => ClockState::RepliedLate,
        (_, Some(day)) if late(day, three) => ClockState::RepliedExtended,
        (_, Some(_)) => ClockState::Replied,
        (_, None) if late(as_of, six) => ClockState::Late,
        (_, None) if late(as_of, three) => ClockState::Extended,
        _ => ClockState::Running,
    };
    Clocks {
        deputies: p.deputies.clone(),
        host: p.host.clone(),
        three_months: three,
        six_months: six,
        replied,
        class: if replied.is_some() {
            p.class.clone()
        } else {
            String::new()
        },
        state,
    }
}
