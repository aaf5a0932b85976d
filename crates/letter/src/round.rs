//! Offers, answers and waiting lists: what a letter of a programme with rounds adds.

use minsheng_bundle::{Contents, Line};
use minsheng_lottery as lottery;
use minsheng_model::{
    Answer, ApplicantRow, ChoiceRow, Date, Offers, Order, Silence, Standing, StandingRow,
    TieMethod, Verdict,
};

use crate::choices::{closing, score_words, tier_title, unhex};
use crate::words::Words;
use crate::{Lang, line, provider_name};

/// Returns where somebody stands; after the decision, what follows from it.
pub(crate) fn standing(contents: &Contents, index: usize, row: &ApplicantRow) -> StandingRow {
    let round = contents.round.as_ref();
    if let Some(found) = round.and_then(|r| r.standings.get(index)) {
        return found.clone();
    }
    StandingRow {
        answer: None,
        standing: match (&row.placement, row.verdict) {
            (Some(_), _) => Standing::Offered,
            (None, Verdict::Eligible) => Standing::Waiting,
            (None, _) => Standing::Out,
        },
        held: None,
        since: row.placement.as_ref().map(|_| 1),
        extra: false,
        arrived: None,
        refused: Vec::new(),
        owed: None,
        appeal: None,
    }
}

/// Returns the sentence of the result in a later round, where it is not the
/// decision's.
pub(crate) fn result(standing: &StandingRow, row: &ApplicantRow, w: &Words) -> Option<String> {
    if row.placement.is_some() || row.verdict != Verdict::Eligible {
        return None;
    }
    Some(match (standing.answer, standing.standing) {
        (Some(Answer::Silent), Standing::Out) => w
            .pick(
                "未在期限内答复,名额已失效,也不再候补。",
                "The offer was not answered in time: it has lapsed, and so has the place on waiting lists.",
            )
            .to_owned(),
        (_, Standing::Out) => w
            .pick("您已退出,不再候补。", "You have withdrawn and wait for nothing.")
            .to_owned(),
        _ => w
            .pick("在候补名单上,现有空缺尚未轮到。", "On the waiting list: no place that became free has come to you yet.")
            .to_owned(),
    })
}

/// Adds what was offered, until when it has to be answered, and what follows.
pub(crate) fn section(
    text: &mut String,
    contents: &Contents,
    (index, row): (usize, &ApplicantRow),
    standing: &StandingRow,
    w: &Words,
) {
    let Some(offers) = &contents.rules.offers else {
        return;
    };
    if standing.standing == Standing::Out {
        return;
    }
    line(text, w.pick("名额确认与候补", "Offer and waiting list"));
    line(text, &"-".repeat(72));
    if contents.round.is_some() {
        before(text, contents, row, standing, w);
    }
    match standing.standing {
        Standing::Offered => offered(text, contents, offers, row, w),
        Standing::Kept if row.placement.as_ref().is_some_and(|p| p.position == 1) => line(
            text,
            w.pick(
                "您已接受现有名额;这是您的第一志愿,没有更靠前的可候补。",
                "You have accepted this place; it is your first choice, so that there is nothing better to wait for.",
            ),
        ),
        Standing::Kept => line(
            text,
            w.pick(
                "您已接受现有名额,并候补更靠前的志愿;递升时会另发通知,原名额届时让出。",
                "You have accepted this place and wait for choices you like better; if one is offered, a letter says so, and this place is passed on.",
            ),
        ),
        Standing::Settled => line(
            text,
            w.pick(
                "您已接受现有名额,不再候补;任何递补都不会影响它。",
                "You have accepted this place for good; nothing that moves on waiting lists can touch it.",
            ),
        ),
        Standing::Waiting if nothing_opens(contents, index, row, standing) => line(
            text,
            w.pick(
                "您所报的供给方均未开办或不能录取,没有可候补的名额。",
                "None of the places on your list that you could have opens, so that there is nothing to wait for.",
            ),
        ),
        Standing::Waiting => waiting(text, contents, offers, w),
        Standing::Out => {}
    }
    line(text, "");
}

/// Returns whether everything that could be waited for is closed.
fn nothing_opens(
    contents: &Contents,
    index: usize,
    row: &ApplicantRow,
    standing: &StandingRow,
) -> bool {
    let own = contents.choices.iter();
    let own = own.filter(|c| c.applicant as usize == index && waits(row, standing, c));
    !contents.certificate.closed.is_empty()
        && own.into_iter().all(|c| {
            let provider = contents.providers.get(c.provider as usize);
            provider.is_none_or(|p| closing(contents, &p.provider).is_some())
        })
}

/// Says what happened since the round before.
fn before(
    text: &mut String,
    contents: &Contents,
    row: &ApplicantRow,
    standing: &StandingRow,
    w: &Words,
) {
    if let Some(day) = standing.arrived {
        line(
            text,
            &format!(
                "{}{day}{}",
                w.pick("逾期申请,到达日期:", "The application came late, on "),
                w.pick(
                    ";排在所有按时申请者之后。",
                    "; it stands behind all that were on time."
                )
            ),
        );
    }
    if let (Some(held), Some(place)) = (&standing.held, &row.placement)
        && held != place
    {
        let (from, to) = (
            provider_name(contents, &held.provider, w),
            provider_name(contents, &place.provider, w),
        );
        line(
            text,
            &match w.lang() {
                Lang::Zh => format!(
                    "您已由 {from}(第 {} 志愿)递升到 {to}(第 {} 志愿);原名额已让给候补者。",
                    held.position, place.position
                ),
                Lang::En => format!(
                    "You moved up from {from} (choice {}) to {to} (choice {}); the place you held has been passed on.",
                    held.position, place.position
                ),
            },
        );
    }
    if standing.extra && standing.held == row.placement {
        line(
            text,
            w.pick(
                "经复核,此名额为名额之外另加,不影响任何人。",
                "After an appeal this place was added above the capacity; it takes nothing from anybody.",
            ),
        );
    }
    if let (Some(Answer::Decline), None) = (standing.answer, &standing.held) {
        line(
            text,
            w.pick(
                "您谢绝了上一轮的名额,仍候补其他志愿。",
                "You refused the place of the round before and still wait for your other choices.",
            ),
        );
    }
}

/// Says until when an offer has to be answered and what the answers mean.
fn offered(text: &mut String, contents: &Contents, offers: &Offers, row: &ApplicantRow, w: &Words) {
    let Some(place) = &row.placement else { return };
    let name = provider_name(contents, &place.provider, w);
    let until = offers.until(contents.round_number());
    let until = until.map_or_else(String::new, |d| d.to_string());
    line(
        text,
        &match w.lang() {
            Lang::Zh => format!("您有 {name} 的名额,请在 {until} 以前(含当日)答复:"),
            Lang::En => {
                format!("You have an offer at {name} until {until}. Please answer by that day:")
            }
        },
    );
    line(
        text,
        w.pick(
            "· accept(接受):名额归您,不再候补",
            "· accept: the place is yours, and you wait for nothing else",
        ),
    );
    if offers.keep && place.position > 1 {
        line(
            text,
            w.pick(
                "· keep(接受并候补):名额归您,同时候补更靠前的志愿",
                "· keep: the place is yours, and you wait for choices you like better",
            ),
        );
    }
    line(
        text,
        w.pick(
            "· decline(谢绝):让出此名额,仍候补其他志愿",
            "· decline: you give the place up and wait for your other choices",
        ),
    );
    line(
        text,
        w.pick(
            "· withdraw(退出):让出名额,不再候补",
            "· withdraw: you give up the place and all waiting",
        ),
    );
    line(
        text,
        match (offers.silence, offers.keep) {
            (Silence::Lapse, _) => w.pick(
                "不答复:名额失效,并退出候补。",
                "If you do not answer, the offer lapses and you leave the waiting lists.",
            ),
            (Silence::Keep, true) => w.pick(
                "不答复:视为接受并候补。",
                "If you do not answer, the place is kept for you and you go on waiting.",
            ),
            (Silence::Keep, false) => w.pick(
                "不答复:视为接受。",
                "If you do not answer, the place counts as accepted.",
            ),
        },
    );
}

/// Says how waiting goes on.
fn waiting(text: &mut String, contents: &Contents, offers: &Offers, w: &Words) {
    let number = contents.round_number();
    if number as usize >= offers.rounds() {
        line(
            text,
            w.pick(
                "本轮是最后一轮,不再递补。",
                "This was the last round: no more places are passed on.",
            ),
        );
        return;
    }
    let until = offers
        .until(number)
        .map_or_else(String::new, |d| d.to_string());
    line(
        text,
        &match w.lang() {
            Lang::Zh => format!(
                "您在候补名单上:{until} 答复截止后,空出的名额按次序递补。您在各处的名次见下。"
            ),
            Lang::En => format!(
                "You are on the waiting list: after answers close on {until}, places that are given up are passed on in order. Where you stand is said below."
            ),
        },
    );
}

type Key = (bool, bool, u8, i64, (Option<Date>, [u8; 32], String));

/// The order of a provider's waiting list.
struct Lists<'a> {
    contents: &'a Contents,
    seed: [u8; 32],
}

impl Lists<'_> {
    fn key(&self, choice: &ChoiceRow) -> Option<Key> {
        let index = choice.applicant as usize;
        let row = self.contents.applicants.get(index)?;
        let standing = standing(self.contents, index, row);
        let score = match self.contents.rules.score.as_ref().map(|s| s.order) {
            Some(Order::HighFirst) => choice.score.saturating_neg(),
            _ => choice.score,
        };
        let provider = self.contents.providers.get(choice.provider as usize)?;
        let label = match self.contents.rules.tie_break.method {
            TieMethod::Single => row.draw_ticket.clone(),
            TieMethod::Multiple => format!("{}\n{}", row.draw_ticket, provider.provider),
        };
        let number = lottery::number(&self.seed, label.as_bytes());
        Some((
            standing.owed != Some(choice.position),
            standing.arrived.is_some(),
            choice.tier,
            score,
            (standing.arrived, number, row.ticket.clone()),
        ))
    }

    fn waits(&self, choice: &ChoiceRow) -> bool {
        let index = choice.applicant as usize;
        let Some(row) = self.contents.applicants.get(index) else {
            return false;
        };
        let standing = standing(self.contents, index, row);
        waits(row, &standing, choice)
    }
}

/// Returns whether somebody waits for a choice.
pub(crate) fn waits(row: &ApplicantRow, standing: &StandingRow, choice: &ChoiceRow) -> bool {
    let part = !matches!(standing.standing, Standing::Settled | Standing::Out);
    part && row.verdict == Verdict::Eligible
        && (choice.verdict == Verdict::Eligible || choice.kept)
        && row
            .placement
            .as_ref()
            .is_none_or(|p| choice.position < p.position)
        && !standing.refused.contains(&choice.position)
}

/// Returns the place on a provider's waiting list, from 1, and out of how many.
fn place(contents: &Contents, choice: &ChoiceRow) -> Option<(usize, usize)> {
    let lists = Lists {
        contents,
        seed: unhex(&contents.certificate.draw.seed),
    };
    let mine = lists.key(choice)?;
    let (mut ahead, mut of) = (0, 0);
    for other in contents
        .choices
        .iter()
        .filter(|c| c.provider == choice.provider && lists.waits(c))
    {
        of += 1;
        ahead += usize::from(lists.key(other)? < mine);
    }
    Some((ahead + 1, of))
}

/// Adds where somebody stands on a provider's waiting list, and whose turn is next.
pub(crate) fn waiting_place(text: &mut String, contents: &Contents, choice: &ChoiceRow, w: &Words) {
    if contents.rules.offers.is_none() {
        return;
    }
    let Some((place, of)) = place(contents, choice) else {
        return;
    };
    line(
        text,
        &match w.lang() {
            Lang::Zh => format!("   候补第 {place} 位(共 {of} 人候补)"),
            Lang::En => format!("   place {place} of {of} on the waiting list"),
        },
    );
    let own = choice.provider as usize;
    let found = contents.round.as_ref().and_then(|r| r.seal.lines.get(own));
    if let Some(next) = found.and_then(|l| next(contents, l, w)) {
        line(text, &format!("   · {next}"));
    }
}

/// Returns whose turn is next, by tier, score and draw.
fn next(contents: &Contents, own: &Line, w: &Words) -> Option<String> {
    let next = own.next.as_ref()?;
    let mut parts = Vec::new();
    if next.owed {
        parts.push(
            w.pick(
                "经复核应得者",
                "somebody to whom a place is owed after an appeal",
            )
            .to_owned(),
        );
    }
    if next.late {
        parts.push(w.pick("逾期申请", "a late application").to_owned());
    }
    parts.push(tier_title(&contents.rules, next.tier, w));
    parts.extend(score_words(&contents.rules, next.score, w));
    let rank = next.rank;
    parts.push(match w.lang() {
        Lang::Zh => format!("摇号第 {rank} 位"),
        Lang::En => format!("place {rank} in the draw"),
    });
    let parts = parts.join(w.pick(",", ", "));
    Some(match w.lang() {
        Lang::Zh => format!("下一个空缺轮到:{parts}"),
        Lang::En => format!("the next free place goes to: {parts}"),
    })
}
