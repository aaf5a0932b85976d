//! A city's commitments file: indicators, promises with their targets, figures that
//! were reported, events that are only ever added to.

use std::collections::BTreeMap;

use minsheng_model::{Date, Decimal, Text};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// What a target or result is counted in and how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its id, such as `lifts-completed`.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// The measure word.
    pub unit: String,
    /// `flow` adds up over a period, `stock` holds on a day, `ratio` is a share.
    pub kind: Kind,
    /// More is better (IATI's `ascending`).
    #[serde(default = "yes")]
    pub ascending: bool,
}

fn yes() -> bool {
    true
}

/// How an indicator behaves in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Adds up over a period.
    Flow,
    /// Holds on a day.
    Stock,
    /// A share.
    Ratio,
}

/// What sort of promise it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nature {
    /// A body promised it.
    Commitment,
    /// A result was reported, without a promise before.
    Result,
    /// It is striven for; listed without a score.
    Aim,
    /// It is expected; listed without a score.
    Forecast,
    /// A deputy asked for it; it has clocks of its own.
    Proposal,
}

/// One target; a commitment has as many as were announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The indicator it is measured by.
    pub indicator: String,
    /// The value.
    pub value: Decimal,
    /// From when it counts.
    #[serde(default)]
    pub period_start: Option<Date>,
    /// By when; none is open.
    #[serde(default)]
    pub period_end: Option<Date>,
    /// When it was announced.
    pub announced: Date,
    /// Where.
    pub source: String,
    /// Cumulative share of the target expected by the end of each month of the
    /// period, in thousandths; empty is even progress by days.
    #[serde(default)]
    pub curve: Vec<u32>,
    /// What no source confirms.
    #[serde(default)]
    pub unverified: Option<Unverified>,
}

/// What of an entry could not be confirmed in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unverified {
    /// The day on which it became known.
    Day,
    /// The figure itself, such as one that was worked out from others.
    Figure,
}

/// A figure that was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The indicator.
    pub indicator: String,
    /// The value.
    pub value: Decimal,
    /// How it is meant (the words of `Comparator`); exact when absent.
    #[serde(default)]
    pub comparator: Option<crate::Comparator>,
    /// First day of what it counts, for a flow.
    #[serde(default)]
    pub period_start: Option<Date>,
    /// Last day of what it counts, or the day it holds of.
    pub period_end: Date,
    /// When it became known.
    pub known: Date,
    /// Where.
    pub source: String,
    /// What no source confirms.
    #[serde(default)]
    pub unverified: Option<Unverified>,
}

/// A figure that a query over registers and bundles gives; it stands beside what
/// was reported and never takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computed {
    /// The indicator.
    pub indicator: String,
    /// First day of what it counts, for a flow.
    #[serde(default)]
    pub period_start: Option<Date>,
    /// The day the figure holds of, `$as_of` in the query.
    pub as_of: Date,
    /// The query: one SELECT that gives one number.
    pub sql: Spanned<String>,
    /// The tables it sees, by their names in it.
    pub tables: BTreeMap<String, Source>,
}

/// Where a table of a query comes from: a register, or a table of the bundle of
/// one cycle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The programme.
    pub programme: String,
    /// The register's name in the programme's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<String>,
    /// The bundle's cycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle: Option<String>,
    /// The bundle's table: `applicants`, `choices`, `providers` or `doors`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
}

/// Something that happened to a commitment; never changed, only added to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    pub date: Date,
    /// What kind.
    pub kind: EventKind,
    /// In words.
    pub note: Text,
    /// Where from.
    pub source: String,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// It was promised or asked for.
    Announced,
    /// The promise was changed; the first one stays.
    Revised,
    /// The body says it goes on.
    Reported,
    /// The body says it is done.
    Completed,
    /// It was given up.
    Abandoned,
}

/// A deputy's proposal on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Who proposes.
    pub deputies: Vec<String>,
    /// The host unit; empty until one is named.
    #[serde(default)]
    pub host: String,
    /// The day it was handed over, from which the clocks run.
    #[serde(default)]
    pub received: Option<Date>,
    /// The day of the reply.
    #[serde(default)]
    pub replied: Option<Date>,
    /// The class of the reply: A solved, B being solved, C planned, D noted.
    #[serde(default)]
    pub class: String,
}

/// One commitment with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Its id, such as `HO-02`.
    pub id: String,
    /// In our own words.
    pub title: Text,
    /// What sort.
    pub nature: Nature,
    /// The responsible body.
    pub body: String,
    /// Bodies that help.
    #[serde(default)]
    pub supporting: Vec<String>,
    /// What would count as done, for one without a number.
    #[serde(default)]
    pub what_would_count: Option<Text>,
    /// By when, for one without a number.
    #[serde(default)]
    pub due: Option<Date>,
    /// Targets.
    #[serde(default, rename = "target")]
    pub targets: Vec<Target>,
    /// Reported figures.
    #[serde(default, rename = "observation")]
    pub observations: Vec<Observation>,
    /// Figures that queries give.
    #[serde(default)]
    pub computed: Vec<Computed>,
    /// What happened.
    #[serde(default, rename = "event")]
    pub events: Vec<Event>,
    /// For a proposal.
    #[serde(default)]
    pub proposal: Option<Proposal>,
}

/// A city's commitments file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The format's version: 1.
    pub format: u32,
    /// How far behind the plan still counts as on track, in thousandths of what is
    /// expected. Published with every status.
    pub tolerance: u32,
    /// Indicators.
    #[serde(default, rename = "indicator")]
    pub indicators: Vec<Indicator>,
    /// Commitments.
    #[serde(default, rename = "commitment")]
    pub commitments: Vec<Commitment>,
}

impl Register {
    /// Reads a TOML file and checks that ids are unique and every indicator named
    /// is there.
    ///
    /// # Errors
    /// The first mistake, with the byte range where the file's own syntax is wrong.
    pub fn from_toml(text: &str) -> Result<Self, (Option<std::ops::Range<usize>>, Text)> {
        let register: Self =
            toml::from_str(text).map_err(|e| (e.span(), Text::same(e.message())))?;
        let wrong = |zh: String, en: String| Err((None, Text::new(zh, en)));
        if register.format != 1 {
            return wrong(
                format!("`format` 为 {},应为 1", register.format),
                format!("`format` is {}, expected 1", register.format),
            );
        }
        let mut ids: Vec<&str> = register.commitments.iter().map(|c| c.id.as_str()).collect();
        ids.sort_unstable();
        if let Some([twice, _]) = ids
            .windows(2)
            .find_map(|w| <&[&str; 2]>::try_from(w).ok().filter(|[a, b]| a == b))
        {
            return wrong(
                format!("承诺 `{twice}` 出现两次"),
                format!("commitment `{twice}` stands twice"),
            );
        }
        let known = |id: &str| register.indicators.iter().any(|i| i.id == id);
        for c in &register.commitments {
            let named = c
                .targets
                .iter()
                .map(|t| &t.indicator)
                .chain(c.observations.iter().map(|o| &o.indicator))
                .chain(c.computed.iter().map(|q| &q.indicator));
            for id in named {
                if !known(id) {
                    return wrong(
                        format!("`{}` 所用指标 `{id}` 未列出", c.id),
                        format!("`{}` uses indicator `{id}`, which is not listed", c.id),
                    );
                }
            }
            for q in &c.computed {
                let named = |s: &Source| {
                    matches!(
                        (&s.register, &s.cycle, &s.bundle),
                        (Some(_), None, None) | (None, Some(_), Some(_))
                    )
                };
                if let Some((table, _)) = q.tables.iter().find(|(_, s)| !named(s)) {
                    return Err((
                        Some(q.sql.span()),
                        Text::new(
                            format!(
                                "`{}` 查询的表 `{table}` 应写明 `register`,或 `cycle` 与 `bundle`",
                                c.id
                            ),
                            format!(
                                "table `{table}` of a query of `{}` needs `register`, or `cycle` and `bundle`",
                                c.id
                            ),
                        ),
                    ));
                }
            }
            if c.nature == Nature::Proposal && c.proposal.is_none() {
                return wrong(
                    format!("建议 `{}` 缺少 `proposal` 表", c.id),
                    format!("proposal `{}` lacks its `proposal` table", c.id),
                );
            }
            if c.targets.iter().any(|t| {
                t.curve.iter().any(|s| *s > 1000)
                    || t.curve.windows(2).any(|w| w.first() > w.last())
            }) {
                return wrong(
                    format!("`{}` 的进度曲线应不降且不超过 1000", c.id),
                    format!("the curve of `{}` has to rise and stay within 1000", c.id),
                );
            }
        }
        Ok(register)
    }

    /// Returns the targets of an indicator, in the file's order.
    pub fn targets_of<'a>(&'a self, indicator: &'a str) -> impl Iterator<Item = &'a Target> {
        self.commitments
            .iter()
            .flat_map(|c| &c.targets)
            .filter(move |t| t.indicator == indicator)
    }

    /// Returns the entries known by a day that no source confirms: the commitment,
    /// the indicator, and what is open.
    #[must_use]
    pub fn unverified(&self, as_of: Date) -> Vec<(&str, &str, Unverified)> {
        let mut all = Vec::new();
        for c in &self.commitments {
            let targets = c
                .targets
                .iter()
                .map(|t| (t.announced, &t.indicator, t.unverified));
            let observations = c
                .observations
                .iter()
                .map(|o| (o.known, &o.indicator, o.unverified));
            for (day, indicator, what) in targets.chain(observations) {
                if let Some(what) = what.filter(|_| day <= as_of) {
                    all.push((c.id.as_str(), indicator.as_str(), what));
                }
            }
        }
        all
    }

    /// Returns an indicator.
    #[must_use]
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.id == id)
    }
}
