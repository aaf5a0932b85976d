use minsheng_bundle::Contents;
use minsheng_lottery as lottery;
use minsheng_model::{
    ApplicantRow, ChoiceRow, Date, DoorRow, GUARANTEE_TIER, Order, Rules, Scope, TieMethod, Verdict,
};

use crate::reasons::citation;
use crate::ways::Ways;
use crate::words::Words;
use crate::{Lang, door_title, line, provider_name, round};

/// Adds, for each place asked for, the person's standing and what came of it.
pub(crate) fn section(
    text: &mut String,
    contents: &Contents,
    row: &ApplicantRow,
    list: &[ChoiceRow],
    w: &Words,
) {
    if list.is_empty() {
        return;
    }
    line(text, w.pick("各志愿", "Places asked for"));
    line(text, &"-".repeat(72));
    // One draw for all places: the rank is the same everywhere, and finding it looks
    // at everybody.
    let single = (contents.rules.tie_break.method == TieMethod::Single)
        .then(|| list.first().map(|choice| rank(contents, row, choice)))
        .flatten();
    for choice in list {
        one(text, contents, row, choice, single, w);
    }
    line(text, "");
}

fn one(
    text: &mut String,
    contents: &Contents,
    row: &ApplicantRow,
    choice: &ChoiceRow,
    single: Option<(usize, usize)>,
    w: &Words,
) {
    let rules = &contents.rules;
    let Some(provider) = contents.providers.get(choice.provider as usize) else {
        return;
    };
    let name = provider_name(contents, &provider.provider, w);
    line(text, &format!("{}. {name}", choice.position));
    let placed = row.placement.as_ref().map(|p| p.position);
    let usable =
        choice.kept || (row.verdict == Verdict::Eligible && choice.verdict == Verdict::Eligible);
    if !usable {
        not_usable(text, rules, row, choice, w);
        return;
    }
    let rank = single.unwrap_or_else(|| rank(contents, row, choice));
    let late = arrived(contents, choice.applicant as usize).is_some();
    line(
        text,
        &format!("   {}", standing(rules, choice, (rank, late), w)),
    );
    match placed {
        Some(position) if position == choice.position => {
            let door = row
                .placement
                .as_ref()
                .map_or_else(String::new, |p| door_title(rules, p.door, w));
            line(
                text,
                &format!("   {}{door}", w.pick("录取,经由:", "admitted through: ")),
            );
        }
        Some(position) if position < choice.position => {
            line(
                text,
                w.pick(
                    "   未用到:已在更靠前的志愿录取",
                    "   not needed: an earlier choice was granted",
                ),
            );
        }
        _ if closing(contents, &provider.provider).is_some() => {
            let of = closing(contents, &provider.provider);
            let (minimum, had) = of.map_or((0, 0), |c| (c.minimum, c.had));
            let cite = rules.minimum.as_ref().map_or("", |m| &m.cite);
            let cite = citation(rules, cite, w);
            let said = match w.lang() {
                Lang::Zh => format!(
                    "   未开办:至少需要 {minimum} 人,只有 {had} 人,按规则并入报名者的下一志愿{cite}"
                ),
                Lang::En => format!(
                    "   does not open: it needs {minimum} people and had {had}; everybody goes on to the next choice{cite}"
                ),
            };
            line(text, &said);
        }
        _ => {
            let own = round::standing(contents, choice.applicant as usize, row);
            if own.refused.contains(&choice.position) {
                line(text, w.pick("   已谢绝", "   refused by you"));
                return;
            }
            if contents.round.is_none() {
                line(text, w.pick("   未录取:名额已满", "   not admitted: full"));
            }
            if round::waits(row, &own, choice) {
                round::waiting_place(text, contents, choice, w);
            } else if contents.round.is_some() {
                line(text, w.pick("   不再候补", "   not waited for any more"));
                return;
            }
            for door in usable_doors(contents, choice, &provider.provider) {
                let last = last_admitted(rules, door, w);
                let behind = own.arrived.is_some() && on_time(contents, door);
                let why = if behind {
                    w.pick(
                        "——逾期申请排在按时者之后",
                        " - a late application stands behind all that were on time",
                    )
                    .to_owned()
                } else {
                    decisive(rules, choice, rank.0, door, w).unwrap_or_default()
                };
                line(text, &format!("   · {last}{why}"));
            }
        }
    }
}

/// Returns why a provider did not open, if it did not.
pub(crate) fn closing<'c>(
    contents: &'c Contents,
    provider: &str,
) -> Option<&'c minsheng_bundle::Closing> {
    let mut closed = contents.certificate.closed.iter();
    closed.find(|c| c.provider == provider)
}

fn not_usable(text: &mut String, rules: &Rules, row: &ApplicantRow, choice: &ChoiceRow, w: &Words) {
    if choice.verdict == Verdict::Eligible {
        let why = match row.verdict {
            Verdict::Undetermined => w.pick(
                "   未参加排序:资格尚不能确定",
                "   not ranked: eligibility is undetermined",
            ),
            _ => w.pick(
                "   未参加排序:不符合资格条件",
                "   not ranked: not eligible",
            ),
        };
        line(text, why);
        return;
    }
    let Some(combine) = &rules.choice_eligibility else {
        return;
    };
    let ways = Ways {
        rules,
        clauses: rules.clauses_of(Scope::Choice).collect(),
        holds: choice.holds,
        unknown: choice.unknown,
        words: w,
    };
    let head = match choice.verdict {
        Verdict::Undetermined => w.pick(
            "   未参加排序:尚缺材料",
            "   not ranked: a paper is missing",
        ),
        _ => w.pick(
            "   未参加排序:不符合此志愿的条件",
            "   not ranked: this choice does not meet the conditions",
        ),
    };
    line(text, head);
    for said in ways.lines(combine) {
        line(text, &format!("   {said}"));
    }
}

/// Returns the person's tier, score and place in the draw at this provider.
fn standing(
    rules: &Rules,
    choice: &ChoiceRow,
    ((rank, of), late): ((usize, usize), bool),
    w: &Words,
) -> String {
    let mut parts = vec![tier_title(rules, choice.tier, w)];
    if let Some(score) = &rules.score {
        parts.push(format!("{} {}", score.title.get(w.code()), choice.score));
    }
    parts.push(match (w.lang(), late) {
        (Lang::Zh, false) => format!("摇号第 {rank} 位(共 {of})"),
        (Lang::En, false) => format!("place {rank} of {of} in the draw"),
        (Lang::Zh, true) => format!("逾期,排在摇号者之后的第 {rank} 位(共 {of})"),
        (Lang::En, true) => format!("place {rank} of {of}, behind the draw because it came late"),
    });
    let mine = parts.join(w.pick(",", ", "));
    format!("{}{mine}", w.pick("您的位次:", "your standing: "))
}

pub(crate) fn tier_title(rules: &Rules, tier: u8, w: &Words) -> String {
    if tier == GUARANTEE_TIER {
        return w.pick("保留的名额", "kept seat").to_owned();
    }
    let declared = rules.tiers.get(usize::from(tier).saturating_sub(1));
    let title = declared.map_or_else(
        || w.pick("其他", "everybody else"),
        |t| t.title.get(w.code()),
    );
    match w.lang() {
        Lang::Zh => format!("第 {tier} 顺位({title})"),
        Lang::En => format!("tier {tier} ({title})"),
    }
}

/// Returns the place in the draw, from 1, and out of how many.
fn rank(contents: &Contents, row: &ApplicantRow, choice: &ChoiceRow) -> (usize, usize) {
    let seed = unhex(&contents.certificate.draw.seed);
    match contents.rules.tie_break.method {
        TieMethod::Single => {
            let label = |day: Option<Date>, a: &ApplicantRow| {
                (
                    day,
                    lottery::number(&seed, a.draw_ticket.as_bytes()),
                    a.ticket.clone(),
                )
            };
            let own = arrived(contents, choice.applicant as usize);
            let mine = label(own, row);
            let (mut before, mut of) = (0, 0);
            for (index, a) in contents.applicants.iter().enumerate() {
                let day = arrived(contents, index);
                // Who came late did not stand in the draw.
                of += usize::from(own.is_some() || day.is_none());
                before += usize::from(label(day, a) < mine);
            }
            (before + 1, of)
        }
        TieMethod::Multiple => {
            let provider = contents
                .providers
                .get(choice.provider as usize)
                .map_or("", |p| p.provider.as_str());
            let label = |day: Option<Date>, a: &ApplicantRow| {
                let label = format!("{}\n{provider}", a.draw_ticket);
                (
                    day,
                    lottery::number(&seed, label.as_bytes()),
                    a.ticket.clone(),
                )
            };
            let own = arrived(contents, choice.applicant as usize);
            let mine = label(own, row);
            let here = contents
                .choices
                .iter()
                .filter(|c| c.provider == choice.provider);
            let (mut before, mut of) = (0, 0);
            for other in here {
                let Some(a) = contents.applicants.get(other.applicant as usize) else {
                    continue;
                };
                let day = arrived(contents, other.applicant as usize);
                of += usize::from(own.is_some() || day.is_none());
                before += usize::from(label(day, a) < mine);
            }
            (before + 1, of)
        }
    }
}

/// Returns whether the last admitted of a door was on time.
fn on_time(contents: &Contents, door: &DoorRow) -> bool {
    let found = door.last_ticket.as_ref().and_then(|ticket| {
        let found = contents
            .applicants
            .binary_search_by(|a| a.ticket.cmp(ticket));
        found.ok()
    });
    found.is_some_and(|index| arrived(contents, index).is_none())
}

/// Returns the day of arrival of somebody who came late.
fn arrived(contents: &Contents, applicant: usize) -> Option<Date> {
    contents.round.as_ref()?.standings.get(applicant)?.arrived
}

pub(crate) fn unhex(text: &str) -> [u8; 32] {
    let mut bytes = [0u8; 32];
    for (slot, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(pair).unwrap_or("0");
        *slot = u8::from_str_radix(digits, 16).unwrap_or(0);
    }
    bytes
}

/// Returns the doors this person could have come through, with their cut-offs.
fn usable_doors<'a>(
    contents: &'a Contents,
    choice: &ChoiceRow,
    provider: &str,
) -> Vec<&'a DoorRow> {
    let rules = &contents.rules;
    let start = contents
        .doors
        .partition_point(|d| d.provider.as_str() < provider);
    let here = contents
        .doors
        .iter()
        .skip(start)
        .take_while(|d| d.provider == provider);
    here.filter(|d| match d.door.split_once(':') {
        Some(("reserve", id)) => member(
            rules.reserves.iter().position(|r| r.id == id),
            choice.reserves,
        ),
        Some(("ceiling", id)) => {
            d.last_ticket.is_some()
                && member(
                    rules.ceilings.iter().position(|c| c.id == id),
                    choice.ceilings,
                )
        }
        _ => d.door == "open",
    })
    .collect()
}

fn member(bit: Option<usize>, mask: u16) -> bool {
    bit.and_then(|b| u32::try_from(b).ok())
        .is_some_and(|b| mask.checked_shr(b).unwrap_or(0) & 1 == 1)
}

/// Returns by what the last admitted comes first: tier, score or draw; `None` where
/// the door shows no last admitted.
fn decisive(
    rules: &Rules,
    choice: &ChoiceRow,
    rank: usize,
    door: &DoorRow,
    w: &Words,
) -> Option<String> {
    let (tier, score, last) = (door.last_tier?, door.last_score?, door.last_rank?);
    let said = if tier < choice.tier {
        w.pick("您的顺位在其后", "your tier comes after it")
            .to_owned()
    } else if let (Some(declared), true) = (&rules.score, score != choice.score) {
        let title = declared.title.get(w.code());
        match w.lang() {
            Lang::Zh => format!("顺位相同,您的{title}在其后"),
            Lang::En => format!("same tier, your {title} comes after it"),
        }
    } else {
        match w.lang() {
            Lang::Zh => format!("其余相同,摇号第 {rank} 位在第 {last} 位之后"),
            Lang::En => {
                format!("all else being equal, place {rank} in the draw comes after {last}")
            }
        }
    };
    Some(format!("{}{said}", w.pick("——", " - ")))
}

/// Returns a score with its title and which come first; nothing where none is declared.
pub(crate) fn score_words(rules: &Rules, score: i64, w: &Words) -> Option<String> {
    let declared = rules.score.as_ref()?;
    let better = match declared.order {
        Order::HighFirst => w.pick("高者优先", "higher first"),
        Order::LowFirst => w.pick("低者优先", "lower first"),
    };
    Some(format!(
        "{} {score} ({better})",
        declared.title.get(w.code())
    ))
}

fn last_admitted(rules: &Rules, door: &DoorRow, w: &Words) -> String {
    let title = match door.door.split_once(':') {
        Some(("reserve", id)) => rules
            .reserves
            .iter()
            .find(|r| r.id == id)
            .map(|r| r.title.get(w.code())),
        Some(("ceiling", id)) => rules
            .ceilings
            .iter()
            .find(|c| c.id == id)
            .map(|c| c.title.get(w.code())),
        _ => None,
    };
    let title = title.unwrap_or(w.pick("一般名额", "open seats"));
    let seats = door.seats;
    let (Some(tier), Some(score), Some(rank)) = (door.last_tier, door.last_score, door.last_rank)
    else {
        return match w.lang() {
            Lang::Zh => format!("{title}:{seats} 个"),
            Lang::En => format!("{title}: {seats} seats"),
        };
    };
    let mut parts = vec![tier_title(rules, tier, w)];
    parts.extend(score_words(rules, score, w));
    parts.push(match w.lang() {
        Lang::Zh => format!("摇号第 {rank} 位"),
        Lang::En => format!("place {rank} in the draw"),
    });
    let last = parts.join(w.pick(",", ", "));
    match w.lang() {
        Lang::Zh => format!("{title} {seats} 个,最后一名录取者:{last}"),
        Lang::En => format!("{title}: {seats} seats; the last admitted: {last}"),
    }
}
