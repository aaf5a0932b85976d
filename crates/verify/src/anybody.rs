use std::path::Path;

use minsheng_bundle::{BundleError, Contents, Hashes, read};
use minsheng_model::{Publish, Text};

use crate::envy::Market;
use crate::lists::{Lists, shows_rows};
use crate::order::Service;
use crate::report::{Checks, Report, offends};
use crate::seen::{self, Seen};
use crate::{certificate, draw, figures, kinds, optimal, rounds, rows, rule, seats};

/// Checks a bundle as anybody can, from the folder alone.
///
/// # Errors
/// When the folder is not a bundle: a file missing, added, changed, or not in the
/// one form it may have.
pub fn anybody(path: &Path) -> Result<Report, BundleError> {
    let (contents, hashes) = read(path)?;
    Ok(anybody_having(&contents, &hashes))
}

/// Checks a bundle as [`anybody`] does, after [`minsheng_bundle::read`] has read it.
#[must_use]
pub fn anybody_having(contents: &Contents, hashes: &Hashes) -> Report {
    let mut checks = Checks::default();
    check(contents, hashes, &mut checks);
    report(contents, checks)
}

/// Makes every check that needs nothing but the folder.
pub(crate) fn check(contents: &Contents, hashes: &Hashes, checks: &mut Checks) {
    checks.add(
        "hashes",
        "文件散列与清单相符",
        "every file is what the manifest says",
        hashes.files.len() + 1,
        None,
    );
    checks.add(
        "rules",
        "规则由项目文件得出",
        "the rules follow from the programme file",
        1,
        certificate::check_rules(contents),
    );
    checks.add(
        "identity",
        "证明与规则一致",
        "the certificate is about these rules",
        1,
        certificate::check_identity(contents),
    );
    if !contents.rules.mechanism.is_match() {
        return kinds::check(contents, checks);
    }
    checks.add(
        "counts",
        "计数相符",
        "the counts are right",
        7,
        certificate::check_counts(contents),
    );
    let doors = contents.doors.len();
    let (providers, found) = rule::check(contents);
    checks.add(
        "seats-rule",
        "名额由公布的事实按规则得出",
        "seats follow from published facts by the rules",
        providers,
        found,
    );
    if !shows_rows(contents) {
        roots(contents, checks);
        return;
    }
    let (people, entries) = (contents.applicants.len(), contents.choices.len());
    checks.add(
        "rows-root",
        "各行的默克尔根相符",
        "the root over the rows is right",
        people,
        certificate::check_root(contents),
    );
    let lists = Lists::new(contents);
    rows::check(contents, &lists, checks);
    checks.add(
        "draw-tickets",
        "摇号用号相符",
        "everybody stands in the draw by the right number",
        people,
        draw::check_tickets(contents),
    );
    let pool = draw::pool_of(contents);
    let found = draw::check(&contents.rules, &contents.certificate.draw, Some(pool));
    checks.add(
        "draw",
        "号池、种子可重算",
        "pool and seed are recomputed",
        people,
        found,
    );
    if contents.round.is_some() {
        rounds::rows(contents, &lists, checks);
        indicators(contents, checks);
        return;
    }
    checks.add(
        "placements",
        "安排在本人志愿内且符合资格",
        "every place is on the own list, with eligibility",
        people,
        seen::check(contents, &lists),
    );
    checks.add(
        "seats",
        "各入口名额由容量得出",
        "the doors' seats follow from the capacity",
        doors,
        seats::check_seats(contents),
    );
    let Some(service) = Service::new(contents) else {
        let offender = offends("draw.seed", "不是种子", "is not a seed");
        checks.add(
            "order",
            "先后次序可重算",
            "the order is recomputed",
            entries,
            Some(offender),
        );
        return;
    };
    let seen = Seen::new(contents, &lists, &service);
    checks.add(
        "doors",
        "各入口人数不超过名额",
        "the doors' counts are right and within the seats",
        doors,
        seats::check_counts(contents, &seen),
    );
    checks.add(
        "cut-offs",
        "末位相符",
        "the last admitted are right",
        doors,
        seats::check_cut_offs(contents, &seen, &service),
    );
    let market = Market::new(contents, &lists, &service, &seen);
    checks.add(
        "door-order",
        "各人经应经的入口进入",
        "everybody came through the right door",
        people,
        market.doors_in_order(),
    );
    let (looked, found) = market.envy();
    checks.add(
        "no-envy",
        "无人被越过,想要的名额无空置",
        "nobody was passed over and no wanted place is empty",
        looked,
        found,
    );
    // A circle means something only among results where nobody is passed over.
    if checks.ok() {
        checks.add(
            "optimal",
            "没有对任何申请人更好的稳定结果",
            "no result without a passed-over person is better for anybody",
            people,
            optimal::check(contents, &lists, &service),
        );
    }
    if checks.ok() && (contents.rules.minimum.is_some() || !contents.certificate.closed.is_empty())
    {
        checks.add(
            "closings",
            "按规则因人数不足而关闭",
            "those that do not open are the ones that the rule closes",
            contents.certificate.closed.len(),
            closings(contents, &lists, &service),
        );
    }
    indicators(contents, checks);
}

fn indicators(contents: &Contents, checks: &mut Checks) {
    let figures = contents.certificate.indicators.len();
    checks.add(
        "indicators",
        "指标可重算",
        "the indicators are recomputed",
        figures,
        figures::check(contents),
    );
}

/// Holds the closings again, where the providers' published facts give the minimums.
fn closings(contents: &Contents, lists: &Lists, service: &Service<'_>) -> crate::report::Found {
    let unlisted = contents.certificate.closed.first();
    if let (None, Some(closing)) = (&contents.rules.minimum, unlisted) {
        return Some(offends(
            &closing.provider,
            "规则没有最少人数,却被关闭",
            "is closed although the rules name no minimum",
        ));
    }
    let facts = match rule::by_rules(contents) {
        Ok(facts) => facts?,
        Err(offender) => return Some(offender),
    };
    let capacity: Vec<u32> = facts.iter().map(|f| f.capacity).collect();
    let seats = crate::closing::seats(contents, &capacity);
    let open: Vec<_> = seats
        .into_iter()
        .zip(facts.iter().map(|f| f.minimum))
        .collect();
    crate::closing::check(contents, lists, service, &open)
}

/// What can be checked where the rows are not shown.
fn roots(contents: &Contents, checks: &mut Checks) {
    let (doors, seal) = (contents.doors.len(), &contents.certificate.draw);
    checks.add(
        "draw",
        "种子可由号池根值重算",
        "the seed follows from the pool's root",
        1,
        draw::check(&contents.rules, seal, None),
    );
    if contents.round.is_some() {
        rounds::roots(contents, checks);
    } else {
        checks.add(
            "seats",
            "各入口名额由容量得出",
            "the doors' seats follow from the capacity",
            doors,
            seats::check_seats(contents),
        );
        checks.add(
            "cut-offs",
            "已满的入口均有末位",
            "every full door names its last admitted",
            doors,
            seats::check_cut_offs_form(contents),
        );
    }
    let figures = contents.certificate.indicators.len();
    checks.add(
        "indicators",
        "指标齐全,小数目已隐去",
        "the indicators are all there, small cells hidden",
        figures,
        figures::check_form(contents),
    );
}

fn report(contents: &Contents, checks: Checks) -> Report {
    if !contents.rules.mechanism.is_match() {
        let (proved, not_proved) = kinds::said(contents, false);
        return checks.report(proved, not_proved);
    }
    if contents.round.is_some() {
        return rounds::report(contents, checks, false);
    }
    if contents.rules.publish == Publish::Roots {
        return checks.report(
            Text::new(
                "文件完整;规则出自项目文件;种子由公布的来源得出;名额与人数不矛盾。",
                "The files are complete; the rules are the programme file's; the seed follows from the announced sources; seats and counts do not contradict each other.",
            ),
            Text::new(
                "各人的结论与先后:本包只公布根值,须各申请人凭回执核对本人一行,或由审计者凭名册核对。",
                "Anybody's verdict and order: only roots are published, so that every applicant checks the own row with the receipt, or an auditor checks with the registers.",
            ),
        );
    }
    checks.report(
        Text::new(
            "由公布的条件结果、优先级、分数与摇号,按所公布的规则,每个人的结论、名次、入口与末位均正确;无人被越过,想要的名额无空置,且没有对任何人更好的这种结果:这是规则所允许的唯一结果。",
            "From the published results of clauses, tiers, scores and the draw, under the published rules: every verdict, order, door and cut-off is right; nobody was passed over, no wanted place is empty, and no such result is better for anybody: it is the only one the rules allow.",
        ),
        Text::new(
            "条件结果、分数、分组、名额是否与名册相符(审计者可查);名册是否属实。",
            "Whether results of clauses, scores, groups and seats agree with the registers (an auditor can tell); whether the registers are true.",
        ),
    )
}
