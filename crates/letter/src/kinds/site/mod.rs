//! Letters about sites: to whoever offers one, and to whoever lives near.

mod near;
mod plan;
mod words;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, Mechanism, Must, ProviderRow, SiteModel, Siting, Verdict};
use minsheng_verify::Sites;
use minsheng_verify::siting::published::Forced;

use super::heading;
use crate::reasons::citation;
use crate::words::Words;
use crate::{head, line, next_steps};

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
}

fn index_of<'a>(contents: &'a Contents, ticket: &str) -> Option<&'a ApplicantRow> {
    contents.applicants.get(index(contents, ticket)?)
}
