//! Letters about sites: to whoever offers one, and to whoever lives near.

use minsheng_bundle::Contents;
use minsheng_model::{
    ApplicantRow, Mechanism, Must, ProviderRow, Scope, SiteModel, Siting, TravelMetric, Type,
    Verdict,
};
use minsheng_verify::Sites;
use minsheng_verify::siting::published::{Forced, Served};

use super::heading;
use crate::reasons::{State, citation, sentence, state};
use crate::words::Words;
use crate::{Lang, head, line, next_steps, provider_name};

/// How many points that were not opened are told of.
const TOLD: usize = 3;

/// Everything that the sentences are made of.
struct Letter<'a> {
    contents: &'a Contents,
    own: &'a Siting,
    sites: Sites,
    w: &'a Words,
}

/// Adds what became of a site, whom it serves, and what having it would mean.
pub(super) fn section(
    text: &mut String,
    contents: &Contents,
    own: &Siting,
    row: &ApplicantRow,
    w: &Words,
) {
    let (Ok(sites), Some(index)) = (Sites::read(contents), index(contents, &row.ticket)) else {
        return;
    };
    let letter = Letter {
        contents,
        own,
        sites,
        w,
    };
    letter.result(text, row, index);
    letter.figures(text, index);
    if let Some(site) = letter.sites.site(index) {
        letter.served(text, site);
    }
    letter.limits(text);
}

/// Writes the letter to whoever is to be served: a demand, or all that stand in one
/// place.
pub(crate) fn place(contents: &Contents, id: &str, w: &Words) -> Option<String> {
    let Mechanism::Site(own) = &contents.rules.mechanism else {
        return None;
    };
    let rows = contents.providers.iter().enumerate();
    let stands = |row: &ProviderRow| {
        let column = own.place.as_deref();
        column.is_some_and(|c| fact(contents, row, c) == Some(id))
    };
    let alone: Vec<(usize, &ProviderRow)> =
        rows.clone().filter(|(_, p)| p.provider == id).collect();
    let asked = if alone.is_empty() {
        rows.filter(|(_, p)| stands(p)).collect()
    } else {
        alone
    };
    if asked.is_empty() {
        return None;
    }
    let letter = Letter {
        contents,
        own,
        sites: Sites::read(contents).ok()?,
        w,
    };
    let mut text = String::new();
    head(&mut text, contents, w.pick("编号:", "Number: "), id, w);
    for (index, row) in asked {
        letter.demand(&mut text, index, row);
    }
    letter.rule(&mut text);
    letter.limits(&mut text);
    next_steps(&mut text, &contents.rules, id, w);
    Some(text)
}

fn index(contents: &Contents, ticket: &str) -> Option<usize> {
    let rows = &contents.applicants;
    rows.binary_search_by(|a| a.ticket.as_str().cmp(ticket))
        .ok()
}

/// Returns a published text of a demand.
fn fact<'a>(contents: &Contents, row: &'a ProviderRow, column: &str) -> Option<&'a str> {
    let table = &contents.rules.providers;
    if table.key.first().map(String::as_str) == Some(column) {
        return Some(&row.provider);
    }
    let mut shown = table
        .columns
        .iter()
        .filter(|c| c.publish && !table.key.contains(&c.name));
    let place = shown.position(|c| c.name == column)?;
    row.facts.get(place)?.as_deref()
}

impl Letter<'_> {
    fn say(&self, zh: String, en: String) -> String {
        match self.w.lang() {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// What people call a site: its first published words, and its number.
    fn name(&self, row: &ApplicantRow) -> String {
        let rules = &self.contents.rules;
        let columns = rules.applicants.columns.iter();
        let mut words = columns.filter(|c| {
            c.data_type == Type::Text && c.publish && c.values.is_empty() && c.name != rules.ticket
        });
        let shown = rules.group_columns();
        let name = words.next().and_then(|c| {
            let place = shown.iter().position(|s| *s == c.name)?;
            row.groups.get(place)?.as_deref()
        });
        match name {
            Some(name) => format!("{name} [{}]", row.ticket),
            None => row.ticket.clone(),
        }
    }

    /// A length with its unit.
    fn far(&self, length: i64) -> String {
        let unit = match &self.own.travel.metric {
            TravelMetric::Planar(_) | TravelMetric::GreatCircle(_) => self.w.pick("米", "m"),
            TravelMetric::Pairs(columns) => {
                let columns = self
                    .contents
                    .rules
                    .choices
                    .columns
                    .iter()
                    .find(|c| c.name == columns.value);
                columns.and_then(|c| c.unit.as_deref()).unwrap_or("")
            }
        };
        format!("{length} {unit}").trim_end().to_owned()
    }

    /// So many units, such as residents.
    fn units(&self, units: i128) -> String {
        let title = self.own.weight.title.get(self.w.code());
        self.say(format!("{title} {units}"), format!("{units} {title}"))
    }

    fn places(&self, served: Served) -> String {
        let (places, units) = (served.places, self.units(served.units));
        self.say(
            format!("{places} 处,{units}"),
            format!("{places} places with {units}"),
        )
    }

    /// A number with its unit; money in yuan, as people count it.
    fn amount(&self, value: &serde_json::Value, unit: Option<&str>) -> String {
        match (unit, value.as_i64()) {
            (Some("fen"), Some(fen)) => {
                let (yuan, rest) = (fen.div_euclid(100), fen.rem_euclid(100));
                let part = if rest == 0 {
                    String::new()
                } else {
                    format!(".{rest:02}")
                };
                format!("{yuan}{part} {}", self.w.pick("元", "yuan"))
            }
            (Some(unit), _) => format!("{value} {unit}"),
            (None, _) => value.to_string(),
        }
    }

    fn exists(&self, site: Option<usize>) -> Option<&Must> {
        let was = site.is_some_and(|s| self.sites.published.was_open(s));
        self.own.open.as_ref().filter(|_| was)
    }

    fn result(&self, text: &mut String, row: &ApplicantRow, index: usize) {
        let w = self.w;
        heading(text, w.pick("结果", "Result"));
        let site = self.sites.site(index);
        let open = site.is_some_and(|s| self.sites.published.is_open(s));
        let said = match (self.exists(site), row.verdict) {
            (Some(open), _) => {
                let (title, law) = (open.title.get(w.code()), citation(&self.contents.rules, &open.cite, w));
                self.say(
                    format!("已有点位,继续开放:{title}{law}。下列条件只用于新点位。"),
                    format!("This point exists already and stays open: {title}{law}. The conditions below are for new points only."),
                )
            }
            (None, Verdict::NotEligible) => w
                .pick(
                    "不开设:有条件不符合,原因如下。",
                    "Not opened: a condition is not met, for the reasons below.",
                )
                .to_owned(),
            (None, Verdict::Undetermined) => w
                .pick(
                    "尚不能确定:缺少材料。这不等于不符合条件,补齐后下一批重新核定。",
                    "Undetermined: a paper is missing. This is not a refusal; the case is decided again once it is there.",
                )
                .to_owned(),
            (None, Verdict::Eligible) if open => {
                match site.and_then(|s| self.sites.published.year(s)) {
                    Some(year) => self.say(format!("开设,年份:{year}。"), format!("To be opened in {year}.")),
                    None => w.pick("开设。", "To be opened.").to_owned(),
                }
            }
            (None, Verdict::Eligible) => w
                .pick(
                    "符合全部条件,但本批没有选上:数量和资金有限,先给了别处,详见下文。",
                    "Every condition is met, but it was not chosen this time: numbers and money are limited and went elsewhere, as shown below.",
                )
                .to_owned(),
        };
        line(text, &said);
        line(text, "");
    }

    /// The numbers of a site that the decision used.
    fn figures(&self, text: &mut String, index: usize) {
        let Some(site) = self
            .sites
            .site(index)
            .filter(|_| !self.own.of_site().is_empty())
        else {
            return;
        };
        let decided = self.contents.decided.as_ref();
        let instance: Option<serde_json::Value> =
            decided.and_then(|d| serde_json::from_str(&d.instance).ok());
        let Some(one) = instance.and_then(|i| i.get("sites")?.get(site).cloned()) else {
            return;
        };
        heading(text, self.w.pick("所用的数", "The numbers used"));
        for (key, figure) in self.own.of_site() {
            if let Some(value) = one.get(key) {
                let shown = self.amount(value, figure.unit.as_deref());
                let (title, colon) = (figure.title.get(self.w.code()), self.w.pick(":", ": "));
                let law = citation(&self.contents.rules, &figure.cite, self.w);
                line(text, &format!("{title}{colon}{shown}{law}"));
            }
        }
        line(text, "");
    }

    /// Whom a site serves, or would serve, and what having it would cost the rest.
    fn served(&self, text: &mut String, site: usize) {
        let published = &self.sites.published;
        heading(text, self.w.pick("服务谁", "Whom it serves"));
        if published.is_open(site) {
            let serves = self.places(published.serves(site));
            line(
                text,
                &self.say(
                    format!("按方案服务 {serves}。"),
                    format!("Under the plan it serves {serves}."),
                ),
            );
            line(text, "");
            return;
        }
        if self.own.travel.reach.is_some() {
            let (all, lacking) = published.within(site);
            let (all, lacking) = (self.places(all), self.places(lacking));
            line(text, &self.say(
                format!("若开设,在它的范围内有 {all};其中 {lacking} 在任何已开或将开的点位范围之外。"),
                format!("If opened, it would have {all} within reach; {lacking} of these are beyond every point that is or will be open."),
            ));
        }
        let forced = self.forced(site);
        line(
            text,
            &self.say(
                format!("为什么没有选它:{forced}"),
                format!("Why it was not chosen: {forced}"),
            ),
        );
        line(text, "");
    }

    /// Whether the plan is proved best.
    fn proved(&self) -> bool {
        self.sites.published.status() == "proved-optimal"
    }

    /// What forcing a site in would mean, as far as the certificate proves it.
    fn forced(&self, site: usize) -> String {
        let covers = self.own.model == SiteModel::MaxCover;
        match self.sites.published.forced(site) {
            Forced::Cannot => self.say(
                "它与必须开放的点位相距太近,或超出资金,无法同时开设。".to_owned(),
                "it cannot be opened beside the points that have to be open: it stands too near, or the money does not suffice.".to_owned(),
            ),
            Forced::Worse(more) if covers => {
                let units = self.units(more);
                let years = if self.own.years.is_empty() {
                    ""
                } else {
                    self.w.pick("(各年相加)", " (summed over the years)")
                };
                self.say(
                    format!("已证明:在同样的限额下,无论别处怎样另选,只要选它,能覆盖的就至少少{units}{years}。"),
                    format!("proved: under the same limits, however the others were chosen anew, with this one in there would be at least {units}{years} fewer within reach."),
                )
            }
            Forced::Worse(more) => {
                let what = match (self.own.model, &self.own.cost) {
                    (SiteModel::SetCover, None) => self.say(format!("多开 {more} 处"), format!("{more} points more")),
                    _ => self.say(format!("使总成本增加 {more}"), format!("{more} more of total cost")),
                };
                self.say(
                    format!("已证明:无论别处怎样另选,只要选它,至少要{what}。"),
                    format!("proved: however the others were chosen anew, having this one means at least {what}."),
                )
            }
            Forced::Unknown if self.proved() => self.say(
                "已证明没有比本方案更好的;有它的方案至多一样好。".to_owned(),
                "no plan is better than this one, which is proved; one with it is at most as good."
                    .to_owned(),
            ),
            Forced::Unknown => self.say(
                "没有证明选它会更差;但在已找到的最好的方案里没有它。".to_owned(),
                "it is not proved that having it would be worse; but the best plan that was found does not have it.".to_owned(),
            ),
        }
    }

    fn demand(&self, text: &mut String, index: usize, row: &ProviderRow) {
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

    fn title(&self, row: &ProviderRow) -> String {
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
    fn standing(
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
    fn served_by(&self, text: &mut String, index: usize, within: bool) {
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
    fn not_opened(&self, text: &mut String, far: i64, row: usize) {
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

    fn clauses(&self, row: &ApplicantRow, wanted: State) -> String {
        let rules = &self.contents.rules;
        let all = rules.clauses_of(Scope::Applicant).enumerate();
        let told = all.filter(|(bit, _)| state(*bit, row.holds, row.unknown) == wanted);
        let told: Vec<&str> = told.map(|(_, c)| sentence(c, wanted, self.w)).collect();
        told.join(self.w.pick(";", "; "))
    }

    /// By which rule near is near enough.
    fn rule(&self, text: &mut String) {
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
    fn limits(&self, text: &mut String) {
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
    fn comes_to(&self, outcome: &serde_json::Value) -> String {
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

    fn proof(&self, outcome: &serde_json::Value) -> String {
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

fn index_of<'a>(contents: &'a Contents, ticket: &str) -> Option<&'a ApplicantRow> {
    contents.applicants.get(index(contents, ticket)?)
}
