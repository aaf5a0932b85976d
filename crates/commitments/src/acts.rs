//! Undertakings and results told in words, without a number.

use crate::chars::text;
use crate::frames::{Walk, times_in};
use crate::layout::BlockKind;
use crate::lexicon::Class;
use crate::mode::{Mode, mode_before, undertaking};
use crate::reading::Reading;
use crate::scan::Clause;
use crate::statement::Role;
use crate::times::TimeKind;
use crate::wording::clean;

impl Walk<'_> {
    /// An undertaking in words.
    pub(crate) fn words(&mut self, clause: Clause, reading: &mut Reading) {
        let role = self.speaker_role();
        let explicit = mode_before(self.s, clause, clause.end, clause.end, role);
        let explicit = self.settled(explicit);
        let past = self.time.as_ref().is_some_and(|t| self.past(t));
        self.remember(explicit);
        let open = self
            .time_since(clause.start)
            .is_some_and(|t| t.kind == TimeKind::Open);
        if open && self.mode.is_none() {
            self.remember(Some(Mode::Plan));
        }
        if self.s.block.kind != BlockKind::Body {
            return;
        }
        if crate::scan::is_topic(&self.s.block.chars, clause) {
            self.topic = Some(clause.sentence);
        }
        let topic = self.topic == Some(clause.sentence);
        let context = self.default_mode(clause);
        let review = context == Some(Mode::Done);
        let Some((act, mode)) = undertaking(
            self.s,
            clause,
            explicit,
            self.mode
                .or(context.filter(|m| m.ahead()))
                .or_else(|| self.due(clause)),
            past || review,
            topic && role == Role::Official || review,
        ) else {
            return;
        };
        let chars = &self.s.block.chars;
        let (from, to) = self.trimmed(clause.start, clause.end);
        let here = self.time_since(self.opened).is_some() || self.inherited.is_some();
        let told = explicit == Some(Mode::Done);
        let time = self
            .time_for(Some(mode), clause)
            .filter(|t| here || !told || t.kind != TimeKind::AsOf);
        let mut st = self.statement(from, to, Some(mode), time.as_ref());
        st.indicator = clean(&text(chars, act, to.min(act + 40))).to_owned();
        st.subject = self.subject_of(clause, act);
        self.link(&mut st, Some((from, to)));
        reading.statements.push(st);
    }

    /// The noun before the first word of mode: whose undertaking it is.
    pub(crate) fn subject_of(&self, clause: Clause, act: usize) -> String {
        let chars = &self.s.block.chars;
        let mut from = clause.start;
        let said = self.s.sayings.partition_point(|a| a.start < clause.start);
        let sayings = self
            .s
            .sayings
            .iter()
            .skip(said)
            .take_while(|a| a.start < act)
            .map(|a| a.end);
        for end in times_in(self.s, clause.start, act)
            .map(|t| t.end)
            .chain(sayings)
        {
            if end <= act {
                from = from.max(end);
            }
        }
        let modal = Class::PLAN
            .or(Class::DONE)
            .or(Class::AIM)
            .or(Class::FORECAST)
            .or(Class::GOING)
            .or(Class::SHOULD)
            .or(Class::PROPOSE);
        let first = self.s.hits.partition_point(|h| h.start < from);
        let stop = self
            .s
            .hits
            .iter()
            .skip(first)
            .find(|h| h.class.has(modal))
            .map_or(act, |h| h.start.min(act));
        let head = text(chars, from, stop);
        let head = clean(&head);
        let adverb = ["同时", "此外", "对", "在", "把", "及时", "为", "从"]
            .iter()
            .any(|w| head.starts_with(w));
        if head.chars().count() > 24 || head.contains('“') || adverb {
            String::new()
        } else {
            head.to_owned()
        }
    }
}
