//! What a round says of everybody, by itself.

use minsheng_bundle::{Contents, Round, hex, standings_root, unhex};
use minsheng_model::{
    Answer, ApplicantRow, Door, Offers, Placement, Silence, Standing, StandingRow, Verdict,
};

use super::table::{Table, stays};
use crate::lists::usable;
use crate::report::{Found, differs, offends};

/// Checks number, link, days and names.
pub(crate) fn seal(contents: &Contents, round: &Round) -> Found {
    let seal = &round.seal;
    let Some(offers) = &contents.rules.offers else {
        return Some(offends(
            "rules",
            "没有 offers,不能有下一轮",
            "have no offers, and so no rounds",
        ));
    };
    let rounds = offers.rounds();
    let until = offers.until(seal.number.saturating_sub(1));
    if seal.number < 2 || seal.number as usize > rounds {
        return Some(offends(
            "number",
            "不是规则所定的轮次",
            "is no round of the rules",
        ));
    }
    let day = until.map_or_else(String::new, |d| d.to_string());
    differs("until", day, seal.until.to_string())
        .or_else(|| differs("replies", &offers.replies.name, &seal.replies.name))
        .or_else(|| {
            let wrong = unhex(&seal.previous).is_none()
                || unhex(&seal.replies.sha256).is_none()
                || unhex(&seal.standings_root).is_none();
            wrong.then(|| offends("round", "散列格式有误", "has a hash that is none"))
        })
        .or_else(|| {
            let same = contents.providers.iter().map(|p| &p.provider);
            let same = same.eq(seal.lines.iter().map(|l| &l.provider));
            (!same).then(|| offends("lines", "不是各供给方", "are not the providers"))
        })
}

/// Checks the root over the standings.
pub(crate) fn root(contents: &Contents, round: &Round) -> Found {
    match standings_root(&contents.applicants, &round.standings) {
        Ok(root) => differs(
            "standings_root",
            hex(&root),
            round.seal.standings_root.clone(),
        ),
        Err(e) => Some(e.text()),
    }
}

/// Checks that everybody's standing goes with the own row and with the rules.
pub(crate) fn standings(table: &Table<'_>, round: u32) -> Found {
    let offers = table.contents.rules.offers.as_ref()?;
    let one = |(index, (row, standing)): (usize, (&ApplicantRow, &StandingRow))| {
        let own = Own {
            table,
            offers,
            round,
            index,
            row,
            standing,
        };
        let (zh, en) = own.wrong()?;
        Some(offends(&row.ticket, zh, en))
    };
    let pairs = table.contents.applicants.iter().zip(table.standings);
    pairs.enumerate().find_map(one)
}

struct Own<'a> {
    table: &'a Table<'a>,
    offers: &'a Offers,
    round: u32,
    index: usize,
    row: &'a ApplicantRow,
    standing: &'a StandingRow,
}

type Wrong = Option<(&'static str, &'static str)>;

impl Own<'_> {
    fn wrong(&self) -> Wrong {
        self.arrival()
            .or_else(|| self.places())
            .or_else(|| self.kind())
            .or_else(|| self.answer())
            .or_else(|| self.positions())
    }

    fn arrival(&self) -> Wrong {
        let day = self.standing.arrived?;
        let late = self
            .offers
            .late
            .as_ref()
            .filter(|l| l.admitted && day > l.closes);
        let fits = late.is_some()
            && self
                .offers
                .in_time(self.round)
                .is_some_and(|last| day <= last);
        (!fits).then_some(("到达日期有误", "has a day of arrival that cannot be"))
    }

    /// The place held and the present one are on the own list, by doors that are open
    /// to this person, and the present one is not worse.
    fn places(&self) -> Wrong {
        let (standing, row) = (self.standing, self.row);
        if let Some(held) = &standing.held
            && !self.may(held, true)
        {
            return Some((
                "所占名额不在本人志愿内或不符合资格",
                "holds what the own list or eligibility does not allow",
            ));
        }
        if standing.extra && standing.held.as_ref().is_none_or(|h| h.door != Door::Kept) {
            return Some((
                "另加的名额有误",
                "has no place that could be above the capacity",
            ));
        }
        match (&standing.held, &row.placement) {
            (None, None) => None,
            (Some(_), None) => Some(("失去了所占的名额", "is put out of the place held")),
            (held, Some(place)) => {
                let moved = held.as_ref() != Some(place);
                if !self.may(place, !moved) {
                    return Some((
                        "安排不在本人志愿内或不符合资格",
                        "is placed where the own list or eligibility does not allow",
                    ));
                }
                let worse = held.as_ref().is_some_and(|h| place.position > h.position);
                let same = held.as_ref().is_some_and(|h| place.position == h.position);
                if worse || moved && same {
                    return Some(("名额变差", "gets a worse place than the one held"));
                }
                None
            }
        }
    }

    fn may(&self, place: &Placement, held: bool) -> bool {
        let Some((_, choice)) = self.table.choice(self.index, place) else {
            return false;
        };
        let door = match place.door {
            // A place may go on by a door that counts towards no reserve.
            Door::Kept => held,
            Door::Reserve(i) => {
                u32::from(choice.reserves)
                    .checked_shr(u32::from(i))
                    .unwrap_or(0)
                    & 1
                    == 1
            }
            Door::Open => true,
        };
        door && usable(self.row, choice)
    }

    fn kind(&self) -> Wrong {
        let (standing, row) = (self.standing, self.row);
        let placed = row.placement.is_some();
        let now = standing.since == Some(self.round);
        let kept = stays(row, standing);
        let right = match standing.standing {
            Standing::Offered => placed && now && (!kept || standing.extra),
            Standing::Kept => kept && !now && self.offers.keep,
            Standing::Settled => kept && !now,
            Standing::Waiting => !placed && row.verdict == Verdict::Eligible,
            Standing::Out => !placed && standing.held.is_none() && standing.owed.is_none(),
        };
        let since = standing.since.is_none_or(|s| (1..=self.round).contains(&s));
        let right = right && since && standing.since.is_some() == placed;
        (!right).then_some((
            "状态与名额不符",
            "has a standing that does not go with the place",
        ))
    }

    fn answer(&self) -> Wrong {
        let (standing, offers) = (self.standing, self.offers);
        if standing.arrived.is_some() && standing.answer.is_none() {
            return None;
        }
        // After an appeal more may have changed; with the round before it is checked.
        if standing.appeal.is_some() {
            return None;
        }
        let is = |kinds: &[Standing]| kinds.contains(&standing.standing);
        let (held, lapse) = (standing.held.is_some(), offers.silence == Silence::Lapse);
        let right = match standing.answer {
            None => true,
            Some(Answer::Accept) => held && is(&[Standing::Settled]),
            Some(Answer::Keep) => held && offers.keep && is(&[Standing::Kept, Standing::Offered]),
            Some(Answer::Decline) => {
                !held && !standing.refused.is_empty() && is(&[Standing::Waiting, Standing::Offered])
            }
            Some(Answer::Withdraw) => is(&[Standing::Out]),
            Some(Answer::Silent) if lapse => is(&[Standing::Out]),
            Some(Answer::Silent) if offers.keep => held && is(&[Standing::Kept, Standing::Offered]),
            Some(Answer::Silent) => held && is(&[Standing::Settled]),
        };
        (!right).then_some((
            "状态与答复不符",
            "has a standing that does not go with the answer",
        ))
    }

    fn positions(&self) -> Wrong {
        let standing = self.standing;
        let list = self.table.lists.of(self.table.contents, self.index);
        let on = |position: &u32| list.iter().any(|c| c.position == *position);
        let has = |position: u32| {
            let at = |p: &Option<Placement>| p.as_ref().is_some_and(|p| p.position == position);
            at(&standing.held) || at(&self.row.placement)
        };
        let refused = standing.refused.is_sorted_by(|a, b| a < b)
            && standing.refused.iter().all(|p| on(p) && !has(*p));
        if !refused {
            return Some((
                "谢绝的志愿有误",
                "has refused what cannot have been refused",
            ));
        }
        let owed = standing
            .owed
            .is_none_or(|p| on(&p) && standing.appeal.is_some());
        let sealed = standing.appeal.as_ref().is_none_or(|a| unhex(a).is_some());
        let extra = !standing.extra || standing.appeal.is_some();
        (!(owed && sealed && extra)).then_some((
            "没有复核记录而有应得名额",
            "is owed a place without an appeal",
        ))
    }
}
