//! What instance and outcome say of one candidate.

use minsheng_bundle::Contents;
use serde_json::Value;

use crate::Lang;
use crate::words::Words;

/// Instance and outcome, and who is asked about.
pub(super) struct Outcome {
    pub instance: Value,
    pub outcome: Value,
    ticket: String,
}

/// Returns a whole number of a record.
pub(super) fn number(record: &Value, key: &str) -> Option<i64> {
    record.get(key)?.as_i64()
}

impl Outcome {
    /// Reads a bundle's instance and outcome.
    pub fn read(contents: &Contents, ticket: &str) -> Option<Self> {
        let decided = contents.decided.as_ref()?;
        Some(Self {
            instance: serde_json::from_str(&decided.instance).ok()?,
            outcome: serde_json::from_str(&decided.outcome).ok()?,
            ticket: ticket.to_owned(),
        })
    }

    fn list<'a>(&self, of: &'a Value, key: &str) -> &'a [Value] {
        of.get(key)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn own<'a>(&self, list: &'a [Value]) -> Option<&'a Value> {
        list.iter().find(|one| {
            let id = one.get("id").unwrap_or(one).as_str();
            id == Some(self.ticket.as_str())
        })
    }

    /// The candidate in the instance; absent where it is not eligible.
    pub fn project(&self) -> Option<&Value> {
        self.own(self.list(&self.instance, "projects"))
    }

    /// A candidate's project by its number.
    pub fn project_of(&self, ticket: &str) -> Option<&Value> {
        let all = self.list(&self.instance, "projects").iter();
        all.clone()
            .find(|p| p.get("id").and_then(Value::as_str) == Some(ticket))
    }

    pub fn projects(&self) -> &[Value] {
        self.list(&self.instance, "projects")
    }

    pub fn is_chosen(&self) -> bool {
        self.own(self.list(&self.outcome, "chosen")).is_some()
    }

    /// Whoever is chosen, by number.
    pub fn chosen(&self) -> Vec<&str> {
        let all = self.list(&self.outcome, "chosen").iter();
        all.filter_map(|one| one.get("id").unwrap_or(one).as_str())
            .collect()
    }

    /// In which period of a calendar it starts and finishes.
    pub fn start(&self) -> Option<(i64, i64)> {
        self.start_of(&self.ticket)
    }

    /// The same of another candidate.
    pub fn start_of(&self, ticket: &str) -> Option<(i64, i64)> {
        let mut all = self.list(&self.outcome, "starts").iter();
        let own = all.find(|s| s.get("id").and_then(Value::as_str) == Some(ticket))?;
        Some((number(own, "start")?, number(own, "finish")?))
    }

    /// Crews of a district at work, period by period.
    pub fn used(&self, district: &str) -> Vec<i64> {
        let rows = self.outcome.get("use");
        let row = rows.and_then(|u| u.get(format!("district:{district}")));
        let row = row.and_then(Value::as_array);
        row.into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect()
    }

    fn left_out(&self) -> Option<&Value> {
        self.own(self.list(&self.outcome, "left_out"))
    }

    /// Its place in a ranked list, from 1.
    pub fn rank(&self) -> Option<i64> {
        let chosen = self.own(self.list(&self.outcome, "chosen"));
        number(chosen.or_else(|| self.left_out())?, "rank")
    }

    /// How many are in the list.
    pub fn listed(&self) -> Option<usize> {
        Some(self.projects().len()).filter(|n| *n > 0)
    }

    /// Whether the greatest value was looked for.
    pub fn optimised(&self) -> bool {
        self.outcome.get("mechanism").and_then(Value::as_str) == Some("optimise")
    }

    /// Whether it could not be chosen whatever it is worth: what it needs takes no part.
    pub fn is_gated(&self) -> bool {
        let why = self.left_out().and_then(|own| own.get("why"));
        why.and_then(Value::as_str) == Some("ineligible")
    }

    /// Whether somebody is chosen.
    pub fn has(&self, ticket: &str) -> bool {
        self.chosen().contains(&ticket)
    }

    /// The exclusions of the instance that hold it: their labels, the most, their members.
    pub fn exclusions(&self) -> Vec<(&str, i64, Vec<&str>)> {
        let all = self.list(&self.instance, "exclusions").iter();
        all.filter_map(|one| {
            let label = one.get("group")?.as_str()?;
            let members = self.list(one, "projects").iter();
            let members: Vec<&str> = members.filter_map(Value::as_str).collect();
            let own = members.contains(&self.ticket.as_str());
            own.then(|| (label, number(one, "most").unwrap_or(1), members))
        })
        .collect()
    }

    pub fn short_by(&self) -> Option<&Value> {
        self.left_out()?.get("short_by")
    }

    /// What stood in its way in a ranked list.
    pub fn obstacles(&self) -> &[Value] {
        self.left_out()
            .map_or(&[], |own| self.list(own, "obstacles"))
    }

    /// Every condition with what is used of it.
    pub fn rows(&self) -> &[Value] {
        self.list(&self.outcome, "rows")
    }

    /// The last in by a line of a ranked list.
    pub fn last_in(&self, line: &str) -> Option<&Value> {
        let lines = self.list(&self.outcome, "cut_lines").iter();
        let mut own = lines.filter(|l| l.get("line").and_then(Value::as_str) == Some(line));
        let ticket = own.next()?.get("last_in")?.as_str()?;
        self.project_of(ticket)
    }

    /// The least changes that would have let it in, each alone.
    pub fn changes(&self, w: &Words, limit: &dyn Fn(&str) -> String) -> Vec<String> {
        let Some(own) = self.own(self.list(&self.outcome, "explanations")) else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        let mut add = |zh: String, en: String| {
            lines.push(match w.lang() {
                Lang::Zh => zh,
                Lang::En => en,
            });
        };
        let there = |v: Option<&Value>| v.filter(|v| !v.is_null()).map(ToString::to_string);
        if let Some(score) = there(own.get("score")) {
            add(
                format!("其他一切不变,分数再好 {score} 即可列入。"),
                format!(
                    "Everything else the same, a score better by {score} would have let it in."
                ),
            );
        }
        for raise in self.list(own, "limits") {
            let row = raise.get("row").and_then(Value::as_str);
            if let (Some(row), Some(by)) = (row, there(raise.get("raise"))) {
                let row = limit(row);
                add(
                    format!("其他一切不变,{row} 的限额再多 {by} 即可列入。"),
                    format!("Everything else the same, {by} more of {row} would have let it in."),
                );
            }
        }
        if let Some(increase) = own.get("increase") {
            let part = |key: &str| there(increase.get(key));
            if let (Some(least), Some(enough)) = (part("at_least"), part("enough")) {
                add(
                    format!("已连同它重新求解:其价值至少还差 {least};高出 {enough} 则足够。"),
                    format!(
                        "The choice was made again with it: its worth falls short by at least {least}; {enough} more would do."
                    ),
                );
            }
        }
        lines
    }
}
