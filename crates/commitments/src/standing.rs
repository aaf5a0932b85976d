//! Which time and which mode hold at a clause: its own, those carried from the
//! clauses before, those of the headings over it.

use crate::chars::{any_of, at, starts, text};
use crate::frames::Walk;
use crate::layout::BlockKind;
use crate::mode::Mode;
use crate::scan::Clause;
use crate::statement::Role;
use crate::times::{TimeKind, TimeRef};

impl Walk<'_> {
    /// 全年: the year told before, else the one that is nearest to publication.
    pub(crate) fn whole(&self, t: &TimeRef) -> TimeRef {
        let mut t = t.clone();
        if t.kind != TimeKind::Vague || !starts(&self.s.block.chars, t.start, "全年") {
            return t;
        }
        let told = self.time.as_ref().or(self.context.time.as_ref());
        let early = self.published.month().is_some_and(|m| m <= 3);
        let ahead = self.mode.is_some_and(Mode::ahead)
            || any_of(
                &self.s.block.chars,
                t.start.saturating_sub(2),
                &["力争", "预计", "计划", "确保"],
            )
            .is_some();
        let year = told
            .and_then(|t| t.to.or(t.from))
            .map(|d| d.ymd().0)
            .or_else(|| Some(self.published.year()? - i32::from(early && !ahead)));
        if let Some(year) = year {
            t.kind = TimeKind::Period;
            t.from = crate::calendar::day(year, 1, 1);
            t.to = crate::calendar::day(year, 12, 31);
        }
        t
    }

    /// What a deputy asks for stays asked for to the end of the sentence,
    /// whatever words of plan stand in it (建议,将…).
    pub(crate) fn settled(&self, explicit: Option<Mode>) -> Option<Mode> {
        let asked = self.mode == Some(Mode::Proposal) && self.speaker_role() != Role::Official;
        match explicit {
            Some(m) if asked && m.ahead() => Some(Mode::Proposal),
            other => other,
        }
    }

    /// The mode that the headings give a clause which says nothing else.
    pub(crate) fn default_mode(&self, clause: Clause) -> Option<Mode> {
        let own = self.time_since(clause.start.min(self.opened));
        self.context.mode.filter(|m| match own {
            Some(t) if *m == Mode::Done => !self.to_come(t),
            // 全年巡查50次 under 年度目标 was promised, whatever the day.
            Some(_) if self.planned_cell() => true,
            Some(t) => !self.past(t) && !matches!(t.kind, TimeKind::AsOf | TimeKind::Vague),
            None => true,
        })
    }

    /// 6月底前公布: a day to come makes a plan of a clause without another word.
    pub(crate) fn due(&self, clause: Clause) -> Option<Mode> {
        self.time_since(clause.start)
            .filter(|t| t.kind == TimeKind::Deadline && self.to_come(t))
            .map(|_| Mode::Plan)
    }

    /// The current time if it stands in this block from `from` on.
    pub(crate) fn time_since(&self, from: usize) -> Option<&TimeRef> {
        self.time
            .as_ref()
            .filter(|t| self.inherited.is_none() && t.start >= from)
    }

    /// The time of a clause of this mode: what is done does not take the coming
    /// year of another sentence, nor a proposal the year of the meeting.
    pub(crate) fn time_for(&self, mode: Option<Mode>, clause: Clause) -> Option<TimeRef> {
        let time = self.time.as_ref()?;
        let here = self.time_since(self.opened).is_some();
        let ahead = time.kind == TimeKind::Period && !time.since && self.to_come(time);
        let stays = match mode {
            Some(Mode::Done) => {
                here || !ahead || self.inherited.is_some() && self.context.mode == Some(Mode::Done)
            }
            Some(Mode::Proposal) => {
                self.time_since(clause.start).is_some()
                    || here && at(&self.s.block.chars, time.end) != '的'
            }
            _ => true,
        };
        stays.then(|| time.clone())
    }

    /// Puts the headings' time back.
    pub(crate) fn restore(&mut self) {
        if self.s.block.kind == BlockKind::Body && self.context.time.is_some() {
            self.time.clone_from(&self.context.time);
            self.inherited = Some(self.context.words.clone());
        }
    }

    /// The words of a time.
    pub(crate) fn words_of(&self, t: &TimeRef) -> String {
        match &self.inherited {
            Some(words) if self.time.as_ref() == Some(t) => words.clone(),
            _ => text(&self.s.block.chars, t.start, t.end),
        }
    }

    pub(crate) fn remember(&mut self, explicit: Option<Mode>) {
        match explicit {
            Some(m) if m.ahead() || m == Mode::Proposal => {
                self.mode = Some(m);
                self.block_mode = Some(m);
            }
            Some(Mode::Done) => self.mode = None,
            _ => {}
        }
    }
}
