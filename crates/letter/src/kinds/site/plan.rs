//! The rule of distance, the limits, and how good the plan is proved to be.

use minsheng_model::{SiteModel, TravelMetric};

use super::Letter;
use crate::kinds::heading;
use crate::line;
use crate::reasons::citation;

impl Letter<'_> {
    /// By which rule near is near enough.
    pub(super) fn rule(&self, text: &mut String) {
        let Some(reach) = self.sites.published.read.case.reach else {
            return;
        };
        heading(text, self.w.pick("多远算近", "How near is near enough"));
        let law = citation(&self.contents.rules, &self.own.travel.cite, self.w);
        let straight = match &self.own.travel.metric {
            TravelMetric::Pairs(_) => "",
            _ => self.w.pick("直线距离 ", "in a straight line "),
        };
        let reach = self.far(reach);
        line(text, &format!("{straight}{reach}{law}"));
        line(text, "");
    }

    /// The limits, what of them is used, and how good the plan is proved to be.
    pub(super) fn limits(&self, text: &mut String) {
        let w = self.w;
        let Some(decided) = &self.contents.decided else {
            return;
        };
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        let (Some(instance), Some(outcome)) = (read(&decided.instance), read(&decided.outcome))
        else {
            return;
        };
        heading(text, w.pick("限额与方案", "Limits and the plan"));
        for (key, amount) in self.own.amounts() {
            let Some(value) = instance.get(key).filter(|v| !v.is_null()) else {
                continue;
            };
            let shown = self.amount(value, amount.unit.as_deref());
            let law = citation(&self.contents.rules, &amount.cite, w);
            let (title, colon) = (amount.title.get(w.code()), w.pick(":", ": "));
            line(text, &format!("{title}{colon}{shown}{law}"));
        }
        let years = outcome.get("years").and_then(|y| y.as_array());
        for year in years.into_iter().flatten() {
            let id = year.get("id").and_then(|i| i.as_str()).unwrap_or("");
            let opened = year
                .get("open")
                .and_then(|o| o.as_array())
                .map_or(0, Vec::len);
            let price = self.own.price.as_ref().and_then(|p| p.unit.as_deref());
            let spent = year.get("spent").unwrap_or(&serde_json::Value::Null);
            let spent = self.amount(spent, price);
            line(
                text,
                &self.say(
                    format!("{id}:开设 {opened} 处,用去 {spent}"),
                    format!("{id}: {opened} opened, {spent} spent"),
                ),
            );
        }
        let opened = decided.chosen().map_or(0, |c| c.len());
        line(
            text,
            &self.say(
                format!("共新开 {opened} 处。"),
                format!("{opened} new points are opened in all."),
            ),
        );
        line(text, &self.proof(&outcome));
        line(text, "");
    }

    /// What the plan comes to, in words of its model.
    pub(super) fn comes_to(&self, outcome: &serde_json::Value) -> String {
        let of = number_text(outcome.get("objective"));
        let title = self.own.weight.title.get(self.w.code());
        let all = self.sites.published.read.weight.iter();
        let all: i128 = all.map(|w| i128::from(*w)).sum();
        let room = self.own.capacity.is_some();
        match self.own.model {
            SiteModel::MaxCover if self.own.years.is_empty() => self.say(
                format!(
                    "按方案{}{title} {of}(共 {all})",
                    if room {
                        "在范围内且容纳得下的"
                    } else {
                        "在范围内的"
                    }
                ),
                format!(
                    "The plan has {of} of {all} {title} within reach{}",
                    if room { " and with room" } else { "" }
                ),
            ),
            SiteModel::MaxCover => self.say(
                format!("按方案各年在范围内的{title}合计 {of}"),
                format!("Over the years the plan has {of} {title} within reach, each year counted"),
            ),
            _ => self.say(
                format!("方案的总数是 {of}"),
                format!("The plan comes to {of}"),
            ),
        }
    }

    pub(super) fn proof(&self, outcome: &serde_json::Value) -> String {
        let status = outcome.get("status").and_then(|s| s.as_str()).unwrap_or("");
        let gap = outcome
            .get("gap")
            .filter(|g| !g.is_null())
            .map(ToString::to_string);
        match (status, gap) {
            ("proved-optimal", _) => {
                let of = self.comes_to(outcome);
                self.say(
                    format!("{of};已证明:在这些限额内没有更好的方案。"),
                    format!("{of}; proved: no plan within these limits is better."),
                )
            }
            (_, Some(gap)) => {
                let of = self.comes_to(outcome);
                self.say(
                    format!("{of};已证明任何方案至多比它好 {gap}。是否还有更好的方案,没有证明。"),
                    format!("{of}; proved: no plan is better by more than {gap}. Whether there is a better one at all is not proved."),
                )
            }
            _ => self.say(
                "没有证明它离最好的方案有多远。".to_owned(),
                "How far it is from the best plan is not proved.".to_owned(),
            ),
        }
    }
}

fn number_text(value: Option<&serde_json::Value>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
