//! The register as an IATI activity file. Elements, their order and what has to be
//! there follow the activity schema of version 2.03; codes are those of its lists
//! (OrganisationType 10 government, OrganisationRole 2 accountable and 4
//! implementing, ActivityStatus, ActivityDateType 1 planned start, 2 actual start,
//! 3 planned end, ResultType 1 output, IndicatorMeasure 1 unit and 2 percentage).

use std::fmt::Write as _;

use minsheng_model::{Date, Text};

use crate::register::{Commitment, EventKind, Kind, Nature, Observation, Register, Target};

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\n' => {}
            c => out.push(c),
        }
    }
    out
}

/// Text that grows; writing to it never fails.
struct Xml(String);

impl Xml {
    fn line(&mut self, indent: usize, line: &str) {
        let _ = writeln!(self.0, "{:indent$}{line}", "");
    }

    /// An element with its narratives in both languages.
    fn told(&mut self, indent: usize, tag: &str, text: &Text) {
        self.line(indent, &format!("<{tag}>"));
        for (lang, words) in [("zh", &text.zh), ("en", &text.en)] {
            let words = escape(words);
            self.line(
                indent + 2,
                &format!("<narrative xml:lang=\"{lang}\">{words}</narrative>"),
            );
        }
        self.line(indent, &format!("</{tag}>"));
    }

    /// `target` or `actual` with where it is from.
    fn value(&mut self, tag: &str, value: &str, source: &str) {
        let source = escape(source);
        self.line(10, &format!("<{tag} value=\"{value}\"><comment><narrative>{source}</narrative></comment></{tag}>"));
    }
}

/// Writes an IATI activity file (2.03): one activity per commitment of which
/// something was known on the day, with a result, its indicators, and for every
/// period the targets and the actuals.
///
/// The standard wants both ends of a period: a target without a first day begins
/// on the day it was announced, and one without a last day has no period and is
/// left out.
#[must_use]
pub fn iati(register: &Register, city: &str, as_of: Date) -> String {
    let mut xml = Xml(String::new());
    xml.line(0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    xml.line(
        0,
        &format!("<iati-activities version=\"2.03\" generated-datetime=\"{as_of}T00:00:00Z\">"),
    );
    for c in &register.commitments {
        if c.nature != Nature::Proposal {
            activity(&mut xml, register, c, city, as_of);
        }
    }
    xml.line(0, "</iati-activities>");
    xml.0
}

fn activity(xml: &mut Xml, register: &Register, c: &Commitment, city: &str, as_of: Date) {
    let dates = dates(c, as_of);
    if dates.is_empty() {
        return;
    }
    let city = escape(city);
    xml.line(
        2,
        "<iati-activity xml:lang=\"zh\" default-currency=\"CNY\">",
    );
    xml.line(
        4,
        &format!(
            "<iati-identifier>CN-{city}-{}</iati-identifier>",
            escape(&c.id)
        ),
    );
    let body = escape(&c.body);
    xml.line(4, &format!("<reporting-org ref=\"CN-{city}\" type=\"10\"><narrative>{body}</narrative></reporting-org>"));
    xml.told(4, "title", &c.title);
    xml.told(
        4,
        "description",
        c.what_would_count.as_ref().unwrap_or(&c.title),
    );
    let accountable = std::iter::once((&c.body, 2));
    for (org, role) in accountable.chain(c.supporting.iter().map(|s| (s, 4))) {
        let org = escape(org);
        xml.line(4, &format!("<participating-org role=\"{role}\" type=\"10\"><narrative>{org}</narrative></participating-org>"));
    }
    xml.line(
        4,
        &format!("<activity-status code=\"{}\"/>", status(c, as_of)),
    );
    for (kind, day) in dates {
        xml.line(
            4,
            &format!("<activity-date type=\"{kind}\" iso-date=\"{day}\"/>"),
        );
    }
    result(xml, register, c, as_of);
    xml.line(2, "</iati-activity>");
}

/// The dates that were known on the day: when it was to begin or was first heard
/// of, and when it is to end.
fn dates(c: &Commitment, as_of: Date) -> Vec<(u8, Date)> {
    let targets = || c.targets.iter().filter(|t| t.announced <= as_of);
    let mut all = Vec::new();
    if let Some(first) = targets().filter_map(|t| t.period_start).min() {
        all.push((1, first));
    } else {
        let heard = c.events.iter().map(|e| e.date);
        let counted = c
            .observations
            .iter()
            .filter(|o| o.known <= as_of)
            .map(|o| o.period_start.unwrap_or(o.period_end));
        let first = targets().map(|t| t.announced).chain(heard).chain(counted);
        all.extend(first.filter(|d| *d <= as_of).min().map(|d| (2, d)));
    }
    if all.is_empty() {
        return all;
    }
    let last = targets().filter_map(|t| t.period_end).chain(c.due).max();
    all.extend(last.map(|d| (3, d)));
    all
}

/// Cancelled, closed or in implementation, by what the body itself has said.
fn status(c: &Commitment, as_of: Date) -> u8 {
    let said = |kind| c.events.iter().any(|e| e.date <= as_of && e.kind == kind);
    if said(EventKind::Abandoned) {
        5
    } else if said(EventKind::Completed) {
        4
    } else {
        2
    }
}

fn result(xml: &mut Xml, register: &Register, c: &Commitment, as_of: Date) {
    let with_periods: Vec<_> = register
        .indicators
        .iter()
        .map(|i| (i, periods(c, &i.id, as_of)))
        .filter(|(_, p)| !p.is_empty())
        .collect();
    if with_periods.is_empty() {
        return;
    }
    xml.line(4, "<result type=\"1\">");
    xml.told(6, "title", &c.title);
    for (i, periods) in with_periods {
        let measure = if i.kind == Kind::Ratio { 2 } else { 1 };
        let (ascending, sums) = (u8::from(i.ascending), u8::from(i.kind == Kind::Flow));
        xml.line(6, &format!("<indicator measure=\"{measure}\" ascending=\"{ascending}\" aggregation-status=\"{sums}\">"));
        xml.told(8, "title", &i.title);
        for (start, end) in periods {
            period(xml, c, &i.id, (start, end), as_of);
        }
        xml.line(6, "</indicator>");
    }
    xml.line(4, "</result>");
}

/// The days of a target's period, if it has a last one.
fn span(t: &Target) -> Option<(Date, Date)> {
    let end = t.period_end?;
    Some((t.period_start.unwrap_or(t.announced).min(end), end))
}

fn begins(o: &Observation) -> Date {
    o.period_start.unwrap_or(o.period_end)
}

fn known<'a>(
    c: &'a Commitment,
    id: &'a str,
    as_of: Date,
) -> impl Iterator<Item = &'a Observation> + 'a {
    c.observations
        .iter()
        .filter(move |o| o.indicator == id && o.known <= as_of)
}

/// Every period that a target names, and one for each actual that fits none.
fn periods(c: &Commitment, id: &str, as_of: Date) -> Vec<(Date, Date)> {
    let mut all: Vec<(Date, Date)> = c
        .targets
        .iter()
        .filter(|t| t.indicator == id && t.announced <= as_of)
        .filter_map(span)
        .collect();
    for o in known(c, id, as_of) {
        let within = all
            .iter()
            .any(|(s, e)| o.period_end <= *e && begins(o) >= *s);
        if !within {
            all.push((begins(o), o.period_end));
        }
    }
    all.sort();
    all.dedup();
    all
}

fn period(xml: &mut Xml, c: &Commitment, id: &str, (start, end): (Date, Date), as_of: Date) {
    xml.line(8, "<period>");
    xml.line(10, &format!("<period-start iso-date=\"{start}\"/>"));
    xml.line(10, &format!("<period-end iso-date=\"{end}\"/>"));
    let of_it =
        |t: &&Target| t.indicator == id && t.announced <= as_of && span(t) == Some((start, end));
    for t in c.targets.iter().filter(of_it) {
        xml.value("target", &t.value.to_string(), &t.source);
    }
    for o in known(c, id, as_of).filter(|o| o.period_end <= end && begins(o) >= start) {
        let source = format!("{}({})", o.source, o.period_end);
        xml.value("actual", &o.value.to_string(), &source);
    }
    xml.line(8, "</period>");
}
