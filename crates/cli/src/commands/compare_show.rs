//! A comparison in words and tables.

use minsheng_compare::{
    Band, Comparison, Figure, GroupTable, Kind, Misreports, Mover, Reason, Theory, Versus,
};
use minsheng_letter::Lang;

use crate::commands::compare_closings as closings;
use crate::console::Console;
use crate::table;

/// So many reasons are told on the console.
const REASONS: usize = 8;

/// Prints it.
pub fn comparison(console: &Console, found: &Comparison) {
    let lang = console.lang();
    let (title, programme, cycle) = (
        found.title.get(lang.as_str()),
        &found.programme,
        &found.cycle,
    );
    console.say(&format!("{title} ({programme}, {cycle})"));
    if !found.notice.zh.is_empty() {
        console.say(found.notice.get(lang.as_str()));
    }
    let (draws, seed) = (found.draws, &found.seed);
    let (zh, en) = match found.own_draw {
        true => (
            "单个数字:项目自己的摇号",
            "single figures: the programme's own draw",
        ),
        false => (
            "单个数字:第 1 次假设摇号(项目尚未摇号)",
            "single figures: the first what-if draw (the programme's own was not held yet)",
        ),
    };
    console.say(lang.pick(zh, en));
    if draws > 0 {
        console.tell(
            &format!("范围:由文字 `{seed}` 得出的 {draws} 次摇号中,十次有九次在其间"),
            &format!("ranges: where nine of ten of {draws} draws lie, which follow from the text `{seed}`"),
        );
    }
    for versus in &found.alternatives {
        console.say("");
        alternative(console, found, versus);
    }
}

fn alternative(console: &Console, found: &Comparison, versus: &Versus) {
    let lang = console.lang();
    let id = &versus.side.id;
    console.say(&format!("# {id}: {}", versus.side.title.get(lang.as_str())));
    if !versus.side.title.zh.is_empty() && versus.side.changes.len() > 1 {
        for change in &versus.side.changes {
            console.say(&format!("  - {}", change.get(lang.as_str())));
        }
    }
    console.say("");
    console.say(table::render(&figures(lang, found, versus)).trim_end());
    for groups in &versus.groups {
        console.say("");
        console.say(table::render(&by_group(lang, groups)).trim_end());
        if groups.rows.iter().any(|r| {
            r.applicants.is_none()
                || r.base.placed().is_none()
                || r.better.is_none()
                || r.worse.is_none()
        }) {
            let least = found.cell_min;
            console.tell(
                &format!("*:少于 {least} 人的格子不显示,能由合计推出它的格子也不显示"),
                &format!("*: a count below {least} is hidden, and so is what would give it away"),
            );
        }
    }
    closings::tell(console, found, versus);
    console.say("");
    reasons(console, versus);
    console.say(&misreports(
        lang,
        versus.side.theory,
        versus.misreports.as_ref(),
    ));
}

fn figures(lang: Lang, found: &Comparison, versus: &Versus) -> Vec<Vec<String>> {
    let range = lang.pick("范围", "range").to_owned();
    let mut heading = vec![
        lang.pick("数字", "figure").to_owned(),
        lang.pick("现行", "base").to_owned(),
        range.clone(),
        versus.side.id.clone(),
        range.clone(),
        lang.pick("变化", "change").to_owned(),
        range,
    ];
    let bands = found.draws > 0;
    let keep = |row: Vec<String>| -> Vec<String> {
        let cells = row.into_iter().enumerate();
        cells
            .filter(|(i, _)| bands || *i == 0 || i % 2 == 1)
            .map(|(_, c)| c)
            .collect()
    };
    heading = keep(heading);
    let mut rows = vec![heading];
    let places = |n: u64| n.to_string();
    let (before, after) = (found.base.places, versus.side.places);
    let change = i64::try_from(after).unwrap_or(0) - i64::try_from(before).unwrap_or(0);
    rows.push(keep(vec![
        lang.pick("名额", "places").to_owned(),
        places(before),
        String::new(),
        places(after),
        String::new(),
        signed(change),
        String::new(),
    ]));
    for change in &versus.differences {
        let of = |list: &[Figure]| list.iter().find(|f| f.kind == change.kind).cloned();
        let (base, own) = (of(&found.base.figures), of(&versus.side.figures));
        let empty = |f: &Option<Figure>| {
            f.as_ref()
                .is_none_or(|f| f.value.unwrap_or(0) == 0 && f.band.is_none_or(|b| b.high == 0))
        };
        let moved = matches!(change.kind, Kind::Better | Kind::Worse | Kind::Same);
        // Nobody later, nobody without metres: no need to say so.
        if matches!(change.kind, Kind::Later | Kind::TravelUnknown) && empty(&base) && empty(&own) {
            continue;
        }
        let number = |f: &Option<Figure>| {
            f.as_ref().map_or_else(String::new, |f| {
                f.value.map_or_else(|| "–".to_owned(), |v| v.to_string())
            })
        };
        let span = |f: &Option<Figure>| {
            f.as_ref()
                .and_then(|f| f.band)
                .map_or_else(String::new, |b| range_of(b, false))
        };
        let own_change = match moved {
            true => change.value.map_or_else(String::new, |v| v.to_string()),
            false => change.value.map_or_else(|| "–".to_owned(), signed),
        };
        rows.push(keep(vec![
            kind(lang, change.kind),
            number(&base),
            span(&base),
            number(&own),
            span(&own),
            own_change,
            change
                .band
                .map_or_else(String::new, |b| range_of(b, !moved)),
        ]));
    }
    rows
}

fn signed(n: i64) -> String {
    match n {
        0 => "0".to_owned(),
        n => format!("{n:+}"),
    }
}

fn range_of(band: Band, sign: bool) -> String {
    let (low, high) = (band.low, band.high);
    match (sign, low == high) {
        (true, true) => signed(low),
        (true, false) => format!("{} … {}", signed(low), signed(high)),
        (false, true) => low.to_string(),
        (false, false) => format!("{low} … {high}"),
    }
}

fn kind(lang: Lang, kind: Kind) -> String {
    let (zh, en) = match kind {
        Kind::Eligible => ("符合条件".into(), "eligible".into()),
        Kind::Placed => ("已安排".into(), "placed".into()),
        Kind::Unplaced => ("符合而未安排".into(), "eligible, without a place".into()),
        Kind::Position(1) => ("第一志愿".into(), "first choice".into()),
        Kind::Position(n) => (format!("第 {n} 志愿"), format!("choice {n}")),
        Kind::Later => ("更后的志愿".into(), "later choices".into()),
        Kind::TravelAverage => ("平均路程(米)".into(), "travel on average (m)".into()),
        Kind::TravelHalf => (
            "半数人的路程不超过(米)".into(),
            "half travel at most (m)".into(),
        ),
        Kind::TravelNineOfTen => (
            "九成人的路程不超过(米)".into(),
            "nine of ten travel at most (m)".into(),
        ),
        Kind::TravelUnknown => ("路程不明".into(), "travel not known".into()),
        Kind::Closed => (
            "因人数不足未开办的供给方".into(),
            "providers that do not open".into(),
        ),
        Kind::ByClosing => (
            "因此改换去处的人".into(),
            "people placed otherwise by that".into(),
        ),
        Kind::Better => ("结果变好的人".into(), "people better off".into()),
        Kind::Worse => ("结果变差的人".into(), "people worse off".into()),
        Kind::Same => ("结果不变的人".into(), "people as before".into()),
    };
    lang.pick(&zh, &en).to_owned()
}

fn by_group(lang: Lang, groups: &GroupTable) -> Vec<Vec<String>> {
    let number = |n: Option<u64>| n.map_or_else(|| "*".to_owned(), |n| n.to_string());
    let pair = |was: Option<u64>, is: Option<u64>| match (was, is) {
        (Some(was), Some(is)) if was == is => format!("{was}"),
        (was, is) => format!("{} → {}", number(was), number(is)),
    };
    let heading = [
        (groups.label.zh.as_str(), groups.label.en.as_str()),
        ("申请", "applicants"),
        ("已安排", "placed"),
        ("第一志愿", "first choice"),
        ("未安排", "without"),
        ("变好", "better"),
        ("变差", "worse"),
        ("安排变化的范围", "change in placed"),
    ];
    let mut rows = vec![
        heading
            .iter()
            .map(|(zh, en)| lang.pick(zh, en).to_owned())
            .collect::<Vec<_>>(),
    ];
    for row in &groups.rows {
        let name = row.value.clone();
        rows.push(vec![
            name.unwrap_or_else(|| lang.pick("(缺)", "(missing)").to_owned()),
            number(row.applicants),
            pair(row.base.placed(), row.alternative.placed()),
            pair(row.base.first, row.alternative.first),
            pair(row.base.unplaced, row.alternative.unplaced),
            number(row.better),
            number(row.worse),
            row.placed_change
                .map_or_else(String::new, |b| range_of(b, true)),
        ]);
    }
    rows
}

fn reasons(console: &Console, versus: &Versus) {
    let lang = console.lang();
    for better in [true, false] {
        let all: Vec<_> = versus
            .reasons
            .iter()
            .filter(|r| r.better == better)
            .collect();
        let people: u64 = all.iter().map(|r| r.count).sum();
        let (zh, en) = match better {
            true => (
                format!("变好 {people} 人,因为:"),
                format!("better off, {people} people, through:"),
            ),
            false => (
                format!("变差 {people} 人,因为:"),
                format!("worse off, {people} people, through:"),
            ),
        };
        if people == 0 {
            let (zh, en) = match better {
                true => ("没有人变好", "nobody is better off"),
                false => ("没有人变差", "nobody is worse off"),
            };
            console.say(lang.pick(zh, en));
            continue;
        }
        console.say(lang.pick(&zh, &en));
        for reason in all.iter().take(REASONS) {
            let words = words(lang, &reason.reason, better);
            console.say(&format!("  {:>7}  {words}", reason.count));
        }
    }
}

fn words(lang: Lang, reason: &Reason, better: bool) -> String {
    let (zh, en) = match reason {
        Reason::Clause(id) => (
            format!("条件 {id} 的结论不同"),
            format!("clause {id} is answered otherwise"),
        ),
        Reason::Eligibility => (
            "资格条件的组合不同".into(),
            "conditions combine otherwise".into(),
        ),
        Reason::ChoiceClause(id) => (
            format!("志愿条件 {id} 的结论不同"),
            format!("the choice's clause {id} is answered otherwise"),
        ),
        Reason::ListLength => (
            "志愿个数的限制".into(),
            "the most choices that count".into(),
        ),
        Reason::Kept => (
            "为本人保留的位置".into(),
            "a seat kept for the applicant".into(),
        ),
        Reason::Tier(id) => (format!("优先档 {id}"), format!("tier {id}")),
        Reason::Score => ("分值不同".into(), "another score".into()),
        Reason::Reserve(id) => (format!("保留名额 {id}"), format!("reserve {id}")),
        Reason::Ceiling(id) => (format!("上限 {id}"), format!("ceiling {id}")),
        Reason::Closing => match better {
            true => (
                "该供给方得以开办".into(),
                "a provider opens that did not".into(),
            ),
            false => (
                "该供给方因人数不足未开办".into(),
                "a provider does not open for want of people".into(),
            ),
        },
        Reason::Capacity => (
            "该供给方的名额变化".into(),
            "the number of places there".into(),
        ),
        Reason::Mechanism => ("决定机制不同".into(), "the mechanism".into()),
        Reason::Draw => (
            "同等条件下摇号不同".into(),
            "another draw among equals".into(),
        ),
        Reason::CutOff => match better {
            true => (
                "别人离开,录取线放宽".into(),
                "others left, and the cut-off there eased".into(),
            ),
            false => (
                "别人进来,录取线收紧".into(),
                "others came, and the cut-off there tightened".into(),
            ),
        },
    };
    lang.pick(&zh, &en).to_owned()
}

fn misreports(lang: Lang, theory: Theory, tried: Option<&Misreports>) -> String {
    let (zh, en) = match theory {
        Theory::NeverPays => (
            "不如实填报:不会得益(有证明)",
            "misreporting: never pays (proved)",
        ),
        Theory::CanPay => ("不如实填报:可能得益", "misreporting: can pay"),
        Theory::CanPayByOpening => (
            "不如实填报:志愿影响哪些供给方开办,因此可能得益",
            "misreporting: lists decide what opens, so it can pay",
        ),
        Theory::CanPayByChoosing => (
            "不如实填报:志愿个数有限,舍去够不着的志愿可能得益",
            "misreporting: only so many choices count, so leaving out what is out of reach can pay",
        ),
    };
    let mut line = lang.pick(zh, en).to_owned();
    if let Some(found) = tried {
        let (tried, pays, of) = (found.tried, found.pays, found.candidates);
        line.push_str(&match lang {
            Lang::Zh => format!(";{of} 名未得首选的人中试了 {tried} 人,{pays} 人换一张志愿表会更好(其他人不变)"),
            Lang::En => format!("; of {of} people who did not get what they list first {tried} were tried, and {pays} would do better with another list while the others' stay"),
        });
    }
    line
}

/// Returns everybody whose place is another as CSV.
pub fn movers_csv(found: &Comparison) -> String {
    let mut text = String::from(
        "alternative,application,change,from_provider,from_position,from_door,to_provider,to_position,to_door,reason,reason_id,at,own_tier_before,own_score_before,own_place_before,own_tier_after,own_score_after,own_place_after,cut_off_tier_before,cut_off_score_before,cut_off_place_before,cut_off_tier_after,cut_off_score_after,cut_off_place_after\n",
    );
    for versus in &found.alternatives {
        for mover in &versus.movers {
            let row: Vec<String> = line(&versus.side.id, mover)
                .iter()
                .map(|c| crate::table::quoted(c))
                .collect();
            text.push_str(&row.join(","));
            text.push('\n');
        }
    }
    text
}

fn line(id: &str, mover: &Mover) -> Vec<String> {
    let mut cells = vec![
        id.to_owned(),
        mover.ticket.clone(),
        if mover.better { "better" } else { "worse" }.to_owned(),
    ];
    for place in [&mover.from, &mover.to] {
        cells.extend(match place {
            Some(p) => [p.provider.clone(), p.position.to_string(), p.door.clone()],
            None => Default::default(),
        });
    }
    let (kind, id) = code(&mover.reason);
    cells.extend([kind.to_owned(), id.to_owned(), mover.at.clone()]);
    for standing in mover.own.iter().chain(&mover.cut_off) {
        cells.extend(match standing {
            Some(s) => [s.tier.clone(), s.score.to_string(), s.place.to_string()],
            None => Default::default(),
        });
    }
    cells
}

/// Returns the reason as it stands in JSON.
fn code(reason: &Reason) -> (&'static str, &str) {
    match reason {
        Reason::Clause(id) => ("clause", id),
        Reason::Eligibility => ("eligibility", ""),
        Reason::ChoiceClause(id) => ("choice-clause", id),
        Reason::ListLength => ("list-length", ""),
        Reason::Kept => ("kept", ""),
        Reason::Tier(id) => ("tier", id),
        Reason::Score => ("score", ""),
        Reason::Reserve(id) => ("reserve", id),
        Reason::Ceiling(id) => ("ceiling", id),
        Reason::Closing => ("closing", ""),
        Reason::Capacity => ("capacity", ""),
        Reason::Mechanism => ("mechanism", ""),
        Reason::Draw => ("draw", ""),
        Reason::CutOff => ("cut-off", ""),
    }
}
