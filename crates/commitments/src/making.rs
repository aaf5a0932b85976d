//! One statement from what holds at a clause: status, dates, body, speaker.

use minsheng_model::Date;

use crate::frames::Walk;
use crate::layout::BlockKind;
use crate::mode::Mode;
use crate::published::Published;
use crate::reading::around;
use crate::statement::{Measure, Statement, Status};
use crate::times::{TimeKind, TimeRef};

impl Walk<'_> {
    pub(crate) fn past(&self, t: &TimeRef) -> bool {
        is_past(t, self.published)
    }

    pub(crate) fn to_come(&self, t: &TimeRef) -> bool {
        if t.tense > 0 {
            return true;
        }
        match (t.to, self.published.day(), self.published.year()) {
            (Some(to), Some(day), _) => to > day,
            (Some(to), None, Some(year)) => to.ymd().0 >= year && !t.now,
            _ => false,
        }
    }

    fn status(&self, mode: Option<Mode>, time: Option<&TimeRef>) -> Status {
        let dated = time.is_some_and(|t| {
            matches!(
                t.kind,
                TimeKind::Period | TimeKind::Deadline | TimeKind::Point
            ) && (!self.past(t) || self.planned_cell())
                && !self.up_to_now(t)
        });
        match mode {
            Some(Mode::Proposal) => Status::Proposal,
            Some(Mode::Aim) => Status::Aim,
            Some(Mode::Forecast) => Status::Forecast,
            Some(Mode::Plan) if dated => Status::Planned,
            Some(Mode::Plan) => Status::Future,
            Some(Mode::Done) => Status::Done,
            Some(Mode::Going) if time.is_some_and(|t| self.past(t)) => Status::Done,
            Some(Mode::Going) => Status::Ongoing,
            None => match time {
                Some(t) if t.kind == TimeKind::Open => Status::Future,
                Some(t) if t.kind == TimeKind::Deadline && !self.past(t) => Status::Planned,
                // 今年 without a verb of plan or result: late in the year it is a
                // result, before it a plan.
                Some(t)
                    if t.kind == TimeKind::Period
                        && self.to_come(t)
                        && !t.since
                        && self.published.month().is_none_or(|m| m < 11 || t.tense > 0) =>
                {
                    Status::Planned
                }
                _ => Status::Done,
            },
        }
    }

    /// 今年以来: it ends with publication.
    fn up_to_now(&self, t: &TimeRef) -> bool {
        t.since && t.to.is_some() && t.to == self.published.day()
    }

    /// A cell of targets in a table of results.
    pub(crate) fn planned_cell(&self) -> bool {
        let cell = self.s.block.cell.as_ref();
        cell.is_some_and(|c| c.mode == Some(Mode::Plan))
    }

    pub(crate) fn statement(
        &self,
        from: usize,
        to: usize,
        mode: Option<Mode>,
        time: Option<&TimeRef>,
    ) -> Statement {
        let status = self.status(mode, time);
        let (start, byte) = self.s.block.place(from);
        let (end, stop) = self.s.block.place_after(to, self.source);
        let (prefix, suffix) = around(self.source, byte, stop);
        let body = self.body().to_owned();
        let mut st = Statement {
            start,
            end,
            quote: self.source.get(byte..stop).unwrap_or("").to_owned(),
            prefix,
            suffix,
            heading: self.heading.to_owned(),
            in_heading: self.s.block.kind == BlockKind::Heading,
            indicator: String::new(),
            indicator_id: String::new(),
            subject: String::new(),
            value: None,
            lower: None,
            upper: None,
            fraction: None,
            unit: String::new(),
            measure: Measure::None,
            comparator: None,
            value_start: start,
            value_end: end,
            scope: String::new(),
            period_start: None,
            period_end: None,
            as_of: String::new(),
            time: time.map_or_else(String::new, |t| self.words_of(t)),
            status,
            body_name: self.reader.vocabulary.body_name(&body).to_owned(),
            body,
            speaker: self
                .speaker
                .and_then(|k| self.people.all.get(k))
                .map_or_else(String::new, |p| p.name.clone()),
            role: self.speaker_role(),
        };
        if let Some(t) = time {
            self.date(&mut st, t);
        }
        st
    }

    /// What was done 年初 was done by publication; a year stays whole.
    fn reached(&self, t: &TimeRef) -> Option<Date> {
        let (from, to) = (t.from?, t.to?);
        let known = self.published.last_day();
        let whole = from.shift(12, -1).is_some_and(|last| last <= to);
        match known {
            Some(day) if to > day && from <= day && !whole => Some(day),
            _ => Some(to),
        }
    }

    fn date(&self, st: &mut Statement, t: &TimeRef) {
        let ahead = matches!(
            st.status,
            Status::Planned | Status::Future | Status::Aim | Status::Forecast | Status::Proposal
        );
        let stale = self.past(t) && !self.planned_cell();
        if ahead && (stale || t.kind == TimeKind::AsOf || self.up_to_now(t)) {
            st.time.clear();
            return;
        }
        let day = |d: Option<Date>| d.map_or_else(String::new, |d| d.to_string());
        match t.kind {
            TimeKind::Period if st.status == Status::Done => {
                (st.period_start, st.period_end) = (t.from, self.reached(t));
            }
            TimeKind::Period => (st.period_start, st.period_end) = (t.from, t.to),
            TimeKind::AsOf if t.now => st.as_of = self.published.to_string(),
            TimeKind::AsOf => st.as_of = day(t.to),
            TimeKind::Point if ahead => st.period_end = t.to,
            TimeKind::Point => st.as_of = day(t.to),
            TimeKind::Deadline => st.period_end = t.to,
            _ => {}
        }
    }
}

/// Returns whether a time is over on the day of publication.
pub(crate) fn is_past(t: &TimeRef, published: &Published) -> bool {
    if t.tense != 0 {
        return t.tense < 0;
    }
    match (t.to, published.day(), published.year()) {
        (Some(to), Some(day), _) => to < day,
        (Some(to), None, Some(year)) => to.ymd().0 < year,
        _ => false,
    }
}
