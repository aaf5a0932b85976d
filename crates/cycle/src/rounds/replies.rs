//! What was answered to the offers of the round before.

use minsheng_bundle::{Contents, RegisterSeal};
use minsheng_model::{
    Answer, Date, Diagnostic, Offers, Placement, Silence, Standing, StandingRow, Text, Value,
    Verdict,
};
use minsheng_registers::Register;

use crate::uneven;

/// The most mistakes that are told at once.
const TOLD: usize = 100;

/// Returns where everybody stands after a round: what it says, or, after the decision,
/// what follows from it.
pub(crate) fn standings(contents: &Contents) -> Vec<StandingRow> {
    if let Some(round) = &contents.round {
        return round.standings.clone();
    }
    let people = contents.applicants.iter();
    people
        .map(|a| {
            let standing = match (&a.placement, a.verdict) {
                (Some(_), _) => Standing::Offered,
                (None, Verdict::Eligible) => Standing::Waiting,
                (None, _) => Standing::Out,
            };
            StandingRow {
                since: a.placement.as_ref().map(|_| 1),
                ..new_row(standing)
            }
        })
        .collect()
}

/// Returns the row of somebody who has nothing.
pub(crate) fn new_row(standing: Standing) -> StandingRow {
    StandingRow {
        answer: None,
        standing,
        held: None,
        since: None,
        extra: false,
        arrived: None,
        refused: Vec::new(),
        owed: None,
        appeal: None,
    }
}

/// The answers to one round.
pub(crate) struct Replies {
    /// For each applicant of that round.
    pub answers: Vec<Option<Answer>>,
    /// The rows that name that round.
    pub seal: RegisterSeal,
}

/// Returns the rows of a register of replies that name a round.
pub(crate) fn of_round(
    offers: &Offers,
    register: &Register,
    round: u32,
) -> Result<Register, Vec<Diagnostic>> {
    let column = register.table.column_index(&offers.reply_round);
    let named = |row: usize| column.and_then(|c| register.value(row, c));
    let keep: Vec<bool> = (0..register.rows)
        .map(|row| named(row) == Some(Value::Integer(i64::from(round))))
        .collect();
    register.only(&keep).ok_or_else(|| vec![uneven()])
}

/// Returns what identifies the answers to a round.
pub(crate) fn seal(register: &Register) -> RegisterSeal {
    RegisterSeal {
        name: register.table.name.clone(),
        rows: register.rows as u64,
        sha256: register.sha256.clone(),
    }
}

/// Reads the answers to the round before.
///
/// # Errors
/// Every row that answers nothing, too late, or what may not be answered; at most a
/// hundred.
pub(crate) fn read(
    offers: &Offers,
    previous: &Contents,
    standings: &[StandingRow],
    register: &Register,
) -> Result<Replies, Vec<Diagnostic>> {
    let round = previous.round_number();
    let mut problems = Vec::new();
    no_later_round(offers, register, round, &mut problems);
    let own = of_round(offers, register, round)?;
    let mut answers = vec![None; previous.applicants.len()];
    let reader = Reader {
        offers,
        register: &own,
        round,
        until: offers.until(round),
    };
    for row in 0..own.rows {
        let ticket = reader.text(row, &offers.reply_applicant);
        let found = previous
            .applicants
            .binary_search_by(|a| a.ticket.as_str().cmp(&ticket));
        let Ok(index) = found else {
            problems.push(reader.unknown(&ticket));
            continue;
        };
        let standing = standings.get(index).map_or(Standing::Out, |s| s.standing);
        match reader.answer(row, &ticket, standing) {
            Ok(answer) => {
                if let Some(slot) = answers.get_mut(index) {
                    *slot = Some(answer);
                }
            }
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() {
        return Ok(Replies {
            answers,
            seal: seal(&own),
        });
    }
    problems.truncate(TOLD);
    Err(problems)
}

fn wrong(code: &str, zh: String, en: String, help: (&str, &str)) -> Diagnostic {
    Diagnostic::error(code, Text::new(zh, en)).help(Text::new(help.0, help.1))
}

/// An answer to a round that has not been decided is a slip in the number.
fn no_later_round(
    offers: &Offers,
    register: &Register,
    round: u32,
    problems: &mut Vec<Diagnostic>,
) {
    let column = |name: &str| register.table.column_index(name);
    let (Some(named), Some(applicant)) =
        (column(&offers.reply_round), column(&offers.reply_applicant))
    else {
        return;
    };
    for row in 0..register.rows {
        let found = match register.value(row, named) {
            Some(Value::Integer(n)) if (1..=i64::from(round)).contains(&n) => continue,
            Some(Value::Integer(n)) => n,
            _ => 0,
        };
        let ticket = register.text(row, applicant).unwrap_or_default();
        problems.push(wrong(
            "replies/round",
            format!("申请 `{ticket}` 答复的是第 `{found}` 轮,而最近公布的是第 {round} 轮"),
            format!("application `{ticket}` answers round `{found}`, but the last one published is {round}"),
            (
                "更正该行的轮次,或先作出那一轮",
                "mend the round of this row, or decide that round first",
            ),
        ));
        if problems.len() == TOLD {
            return;
        }
    }
}

struct Reader<'a> {
    offers: &'a Offers,
    register: &'a Register,
    round: u32,
    until: Option<Date>,
}

impl Reader<'_> {
    fn value(&self, row: usize, column: &str) -> Option<Value> {
        let column = self.register.table.column_index(column)?;
        self.register.value(row, column)
    }

    fn text(&self, row: usize, column: &str) -> String {
        self.value(row, column)
            .map_or_else(String::new, |v| v.to_string())
    }

    fn unknown(&self, ticket: &str) -> Diagnostic {
        let round = self.round;
        wrong(
            "replies/unknown-applicant",
            format!("第 {round} 轮中没有申请 `{ticket}`"),
            format!("round {round} has no application `{ticket}`"),
            (
                "核对申请编号;逾期申请自纳入的下一轮起才可答复",
                "look at the number; a late application can answer from the round on in which it is taken in",
            ),
        )
    }

    /// Returns the answer of a row if this person may give it.
    fn answer(
        &self,
        row: usize,
        ticket: &str,
        standing: Standing,
    ) -> Result<Answer, Box<Diagnostic>> {
        let round = self.round;
        let day = match self.value(row, &self.offers.reply_day) {
            Some(Value::Date(day)) => Some(day),
            _ => None,
        };
        if let (Some(day), Some(until)) = (day, self.until)
            && day > until
        {
            return Err(Box::new(wrong(
                "replies/too-late",
                format!("申请 `{ticket}` 对第 {round} 轮的答复于 {day} 到达,期限是 {until}"),
                format!(
                    "the answer of application `{ticket}` to round {round} came on {day}, after the last day {until}"
                ),
                (
                    "逾期的答复无效:核对日期,或以 `--set-aside 名册:行号` 决定搁置该行",
                    "an answer that is too late means nothing: mend the day, or decide to leave the row out with `--set-aside REGISTER:ROW`",
                ),
            )));
        }
        let word = self.text(row, &self.offers.reply_answer);
        let answer = Answer::parse(&word).filter(|a| *a != Answer::Silent);
        let answer = answer.filter(|a| *a != Answer::Keep || self.offers.keep);
        let Some(answer) = answer else {
            return Err(Box::new(self.no_such(ticket, &word)));
        };
        let may = match standing {
            Standing::Offered | Standing::Kept => true,
            Standing::Settled => matches!(answer, Answer::Accept | Answer::Withdraw),
            Standing::Waiting => answer == Answer::Withdraw,
            Standing::Out => false,
        };
        if may {
            return Ok(answer);
        }
        let (code, zh, en, help) = match standing {
            Standing::Settled => (
                "replies/contradicts",
                format!("申请 `{ticket}` 已接受名额,现又答复 `{word}`"),
                format!("application `{ticket}` has accepted its place and now answers `{word}`"),
                (
                    "已接受者只能答复 `withdraw`(放弃名额)",
                    "who has accepted can only answer `withdraw`, which gives the place up",
                ),
            ),
            _ => (
                "replies/no-offer",
                format!("申请 `{ticket}` 在第 {round} 轮没有名额可答复 `{word}`"),
                format!("application `{ticket}` has no offer of round {round} to answer `{word}`"),
                (
                    "核对申请编号和轮次;候补者只能答复 `withdraw`(不再等候)",
                    "look at number and round; who waits can only answer `withdraw`, which gives up waiting",
                ),
            ),
        };
        Err(Box::new(wrong(code, zh, en, help)))
    }

    fn no_such(&self, ticket: &str, word: &str) -> Diagnostic {
        let words = if self.offers.keep {
            "`accept`, `keep`, `decline`, `withdraw`"
        } else {
            "`accept`, `decline`, `withdraw`"
        };
        wrong(
            "replies/answer",
            format!("申请 `{ticket}` 的答复 `{word}` 不在 {words} 之中"),
            format!("the answer `{word}` of application `{ticket}` is none of {words}"),
            ("更正该行的答复", "mend the answer of this row"),
        )
    }
}

/// Returns what an answer leaves somebody with: `row.held` is the place held now.
pub(crate) fn after(
    offers: &Offers,
    before: &StandingRow,
    placement: Option<&Placement>,
    given: Option<Answer>,
) -> StandingRow {
    let asked = before.standing == Standing::Offered;
    let answer = given.or(asked.then_some(Answer::Silent));
    let mut row = StandingRow {
        answer,
        held: placement.cloned(),
        // A place above the capacity is gone with the move to a better one.
        extra: before.extra && before.held.as_ref() == placement,
        ..before.clone()
    };
    let kept = if offers.keep {
        Standing::Kept
    } else {
        Standing::Settled
    };
    let gone = match (answer, offers.silence) {
        (Some(Answer::Accept), _) => {
            row.standing = Standing::Settled;
            false
        }
        (Some(Answer::Keep), _) => {
            row.standing = Standing::Kept;
            false
        }
        (Some(Answer::Silent), Silence::Keep) => {
            row.standing = kept;
            false
        }
        (Some(Answer::Decline), _) => {
            row.refused.extend(placement.map(|p| p.position));
            row.refused.sort_unstable();
            row.standing = Standing::Waiting;
            true
        }
        (Some(Answer::Withdraw | Answer::Silent), _) => {
            row.standing = Standing::Out;
            row.owed = None;
            true
        }
        (None, _) => false,
    };
    if gone {
        row.held = None;
        row.since = None;
        row.extra = false;
    }
    row
}
