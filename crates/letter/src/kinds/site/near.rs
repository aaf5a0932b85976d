//! What whoever is to be served is told: how far it is before and after, and why a nearer
//! point was not opened.

use minsheng_model::{ApplicantRow, ProviderRow, Scope, Verdict};

use super::{Letter, TOLD, fact, index_of};
use crate::kinds::heading;
use crate::reasons::{State, sentence, state};
use crate::{line, provider_name};

impl Letter<'_> {
    pub(super) fn demand(&self, text: &mut String, index: usize, row: &ProviderRow) {
        heading(text, &self.title(row));
        let weight = self.sites.published.read.weight.get(index).copied();
        if let Some(weight) = weight {
            line(text, &self.units(i128::from(weight)));
        }
        let near = self.sites.nearest(index);
        let reach = self.sites.published.read.case.reach;
        let published = &self.sites.published;
        let open = |row: usize| self.sites.site(row).is_some_and(|s| published.is_open(s));
        let was = |row: usize| self.sites.site(row).is_some_and(|s| published.was_open(s));
        let first = |wanted: &dyn Fn(usize) -> bool| near.iter().find(|(_, r)| wanted(*r)).copied();
        let (before, after) = (first(&was), first(&open));
        if before.is_some() && before == after {
            let both = self
                .w
                .pick("现在和本次决定之后", "Now and after this decision");
            line(text, &self.standing(before, reach, both, true));
        } else {
            let (now, later) = (
                self.w.pick("现在", "Now"),
                self.w.pick("本次决定之后", "After this decision"),
            );
            line(text, &self.standing(before, reach, now, true));
            line(text, &self.standing(after, reach, later, false));
        }
        let within = after.is_some_and(|(far, _)| reach.is_none_or(|r| far <= r));
        self.served_by(text, index, within);
        // Only what is nearer than the nearest open one would have changed anything, and
        // of a cover only what is within reach.
        let covers = self.own.model.covers();
        let most = reach.filter(|_| covers).unwrap_or(i64::MAX);
        let limit = after.map_or(i64::MAX, |(far, _)| far);
        let out: Vec<(i64, usize)> = near
            .iter()
            .filter(|(far, r)| *far < limit && *far <= most && !open(*r))
            .take(TOLD)
            .copied()
            .collect();
        let lacking = covers && after.is_none_or(|(far, _)| far > most);
        if lacking && out.is_empty() {
            let (zh, en) = (
                "规定的距离以内没有报上来的候选点。",
                "No candidate within the rule was offered.",
            );
            line(text, self.w.pick(zh, en));
        }
        for (far, site) in out {
            self.not_opened(text, far, site);
        }
        line(text, "");
    }

    pub(super) fn title(&self, row: &ProviderRow) -> String {
        let name = provider_name(self.contents, &row.provider, self.w);
        let same = self.own.travel.same.first();
        let kind = same.and_then(|pair| fact(self.contents, row, &pair.from));
        let Some(kind) = kind else {
            return name;
        };
        // The column's values may have a word of their own in the other register.
        format!("{name} · {kind}")
    }

    /// `Now: the nearest … is 640 m away; within reach is 500 m, so it is beyond`.
    pub(super) fn standing(
        &self,
        found: Option<(i64, usize)>,
        reach: Option<i64>,
        when: &str,
        before: bool,
    ) -> String {
        let Some((far, row)) = found else {
            return self.say(
                format!("{when}:没有可用的点位。"),
                format!("{when}: there is no point that can be used."),
            );
        };
        let name = self.contents.applicants.get(row).map(|r| self.name(r));
        let (name, length) = (name.unwrap_or_default(), self.far(far));
        let site = self.sites.site(row);
        let new = if !before && self.exists(site).is_none() {
            match site.and_then(|s| self.sites.published.year(s)) {
                Some(year) => self.say(format!("({year} 年新开)"), format!(" (new, {year})")),
                None => self.w.pick("(新开)", " (new)").to_owned(),
            }
        } else {
            String::new()
        };
        let judged = match reach {
            None => String::new(),
            Some(reach) if far <= reach => self.say(
                format!(",在规定的 {}以内", self.far(reach)),
                format!(", within the {} of the rule", self.far(reach)),
            ),
            Some(reach) => self.say(
                format!(",超过规定的 {}", self.far(reach)),
                format!("; the rule is {}", self.far(reach)),
            ),
        };
        self.say(
            format!("{when}:最近的是{name}{new},{length}{judged}。"),
            format!("{when}: the nearest is {name}{new}, {length} away{judged}."),
        )
    }

    /// Where room is limited the nearest need not be the one that serves.
    pub(super) fn served_by(&self, text: &mut String, index: usize, within: bool) {
        if self.own.model.covers() && self.own.capacity.is_none() {
            return;
        }
        let served = self.sites.published.served_by(index);
        if served.is_empty() {
            if within {
                let (zh, en) = (
                    "按方案,范围内的点位已满,本处分不到。",
                    "Under the plan the points within reach are full: there is no room for this place.",
                );
                line(text, self.w.pick(zh, en));
            }
            return;
        }
        let read = &self.sites.published.read;
        for (site, units) in served {
            let id = read.sites.get(site).map_or("", String::as_str);
            let row = index_of(self.contents, id);
            let name = row.map_or_else(|| id.to_owned(), |r| self.name(r));
            let units = self.units(i128::from(units));
            line(
                text,
                &self.say(
                    format!("按方案由{name}服务:{units}。"),
                    format!("Under the plan {name} serves {units} here."),
                ),
            );
        }
    }

    /// Why a point that is nearer was not opened.
    pub(super) fn not_opened(&self, text: &mut String, far: i64, row: usize) {
        let Some(site) = self.contents.applicants.get(row) else {
            return;
        };
        let (name, length) = (self.name(site), self.far(far));
        let why = match site.verdict {
            Verdict::NotEligible => self.clauses(site, State::Failed),
            Verdict::Undetermined => self.clauses(site, State::Unknown),
            Verdict::Eligible => match self.sites.site(row) {
                Some(own) => self.forced(own),
                None => String::new(),
            },
        };
        line(
            text,
            &self.say(
                format!("- 候选点{name},{length},没有开设:{why}"),
                format!("- the candidate {name}, {length} away, was not opened: {why}"),
            ),
        );
    }

    pub(super) fn clauses(&self, row: &ApplicantRow, wanted: State) -> String {
        let rules = &self.contents.rules;
        let all = rules.clauses_of(Scope::Applicant).enumerate();
        let told = all.filter(|(bit, _)| state(*bit, row.holds, row.unknown) == wanted);
        let told: Vec<&str> = told.map(|(_, c)| sentence(c, wanted, self.w)).collect();
        told.join(self.w.pick(";", "; "))
    }
}
