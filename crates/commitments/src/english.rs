//! English prose, read into the same statements.

use minsheng_model::Date;

use crate::chars::{at, before, text};
use crate::english_numbers::{EnglishNumber, number_at};
use crate::english_people::{body_in, speaker_in};
use crate::english_times::{EnglishTime, times};
use crate::english_words::{no_fact, noun, subject, verb_before};
use crate::layout::{Block, BlockKind};
use crate::people::People;
use crate::published::Published;
use crate::reading::{Reader, Reading, around};
use crate::statement::{Measure, Other, Role, Statement, Status};

/// Returns whether a block is English: Latin letters and hardly a Chinese one.
pub(crate) fn is_english(chars: &[char]) -> bool {
    let head = chars.get(..chars.len().min(600)).unwrap_or_default();
    let (mut han, mut latin) = (0, 0);
    for (seen, c) in head.iter().enumerate() {
        latin += usize::from(c.is_ascii_alphabetic());
        han += usize::from(crate::chars::han(*c));
        // Even if all the rest were Latin.
        if han * 20 >= latin + (head.len() - seen - 1) {
            return false;
        }
    }
    latin > 10 && han * 20 < latin
}

/// Reads one block.
pub(crate) fn read(
    reader: &Reader,
    block: &Block,
    source: &str,
    published: &Published,
    heading: &str,
    people: &mut People,
    reading: &mut Reading,
) {
    if block.kind == BlockKind::Byline {
        return;
    }
    let mut carried: Option<EnglishTime> = None;
    let mut speaker: Option<usize> = None;
    let block_body = body_in(&block.chars, 0, block.chars.len());
    for (from, to) in sentences(&block.chars) {
        let found = times(&block.chars, from, to, published);
        match speaker_in(&block.chars, from, to, people) {
            Some(k) => speaker = Some(k),
            None if goes_on(&block.chars, from, to) => {}
            None => speaker = None,
        }

        let mut s = Sentence {
            reader,
            block,
            source,
            published,
            heading,
            people,
            speaker,
            from,
            to,
            times: &spoken_of(&block.chars, from, to, found.clone()),
            all: &found,
            carried: carried.clone(),
            block_body: &block_body,
        };
        s.read(reading);
        if let Some(t) = found.last() {
            carried = Some(t.clone());
        }
    }
}

/// Returns whether a sentence is said by whoever spoke last: quoted, or of him or
/// her.
fn goes_on(chars: &[char], from: usize, to: usize) -> bool {
    let sentence = text(chars, from, to);
    sentence.contains(['"', '“', '”'])
        || ["he ", "she ", "they ", "we ", "our "]
            .iter()
            .any(|w| sentence.trim_start().to_ascii_lowercase().starts_with(w))
}

/// Drops the day on which something was said (said on Jan 24 that …).
fn spoken_of(chars: &[char], from: usize, to: usize, times: Vec<EnglishTime>) -> Vec<EnglishTime> {
    let sentence = text(chars, from, to);
    let (Some(said), Some(that)) = (sentence.find(" said "), sentence.find(" that ")) else {
        return times;
    };
    let place = |byte: usize| from + sentence.get(..byte).map_or(0, |s| s.chars().count());
    let (said, that) = (place(said), place(that));
    let several = times.len() > 1;
    times
        .into_iter()
        .filter(|t| !several || t.start < said || t.start > that)
        .collect()
}

/// Cuts at full stops that end a sentence.
fn sentences(chars: &[char]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut start = 0;
    for i in 0..chars.len() {
        let c = at(chars, i);
        let stop = matches!(c, '!' | '?' | '\u{2026}')
            || c == '.'
                && matches!(at(chars, i + 1), ' ' | '\0' | '"' | '”')
                && !abbreviation(chars, i);
        if stop && i > start {
            all.push((start, i));
            start = i + 1;
        }
    }
    if start < chars.len() {
        all.push((start, chars.len()));
    }
    all
}

fn abbreviation(chars: &[char], i: usize) -> bool {
    let word: String = (i.saturating_sub(4)..i).map(|k| at(chars, k)).collect();
    let word = word.rsplit(' ').next().unwrap_or("").to_owned();
    matches!(
        word.as_str(),
        "Mr" | "Ms" | "Mrs" | "Dr" | "No" | "St" | "vs" | "approx" | "e.g" | "i.e"
    ) || word.len() == 1 && word.chars().all(|c| c.is_ascii_uppercase())
}

struct Sentence<'a> {
    reader: &'a Reader,
    block: &'a Block,
    source: &'a str,
    published: &'a Published,
    heading: &'a str,
    people: &'a People,
    speaker: Option<usize>,
    from: usize,
    to: usize,
    /// The times that date what is said.
    times: &'a [EnglishTime],
    /// All of them; their digits are no numbers.
    all: &'a [EnglishTime],
    carried: Option<EnglishTime>,
    block_body: &'a str,
}

impl Sentence<'_> {
    fn read(&mut self, reading: &mut Reading) {
        let chars = &self.block.chars;
        let mut i = self.from;
        let mut found = false;
        while i < self.to {
            if let Some(t) = self.all.iter().find(|t| t.start <= i && i < t.end) {
                i = t.end;
                continue;
            }
            let boundary = !before(chars, i).is_ascii_alphanumeric()
                && !matches!(before(chars, i), '.' | ',' if before(chars, i.saturating_sub(1)).is_ascii_digit());
            let Some(n) = boundary.then(|| number_at(chars, i, self.to)).flatten() else {
                i += 1;
                continue;
            };
            i = n.end.max(i + 1);
            match no_fact(chars, &n) {
                Some(reason) => self.other(&n, reason, reading),
                None => {
                    found = true;
                    self.quantity(&n, reading);
                }
            }
        }
        if !found {
            self.undertaking(reading);
        }
    }

    fn other(&self, n: &EnglishNumber, reason: &str, reading: &mut Reading) {
        let (start, byte) = self.block.place(n.start);
        let (end, stop) = self.block.place_after(n.end, self.source);
        reading.others.push(Other {
            start,
            end,
            quote: self.source.get(byte..stop).unwrap_or("").to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// The clause around a place: between semicolons and the commas that a
    /// conjunction follows.
    fn clause(&self, at_: usize) -> (usize, usize) {
        let chars = &self.block.chars;
        let cut = |i: usize| {
            at(chars, i) == ';'
                || at(chars, i) == ','
                    && ["and ", "while ", "but ", "with ", "including "]
                        .iter()
                        .any(|w| crate::chars::starts(chars, i + 2, w))
        };
        let start = (self.from..at_)
            .rev()
            .find(|i| cut(*i))
            .map_or(self.from, |i| i + 1);
        let end = (at_..self.to).find(|i| cut(*i)).unwrap_or(self.to);
        (start, end)
    }

    fn quantity(&self, n: &EnglishNumber, reading: &mut Reading) {
        let chars = &self.block.chars;
        let (mut from, to) = self.clause(n.start);
        while matches!(at(chars, from), ' ' | '"' | '“') {
            from += 1;
        }
        let (noun, unit) = noun(chars, n, to);
        let verb = verb_before(chars, from, n.outer);
        let status = self.status(from, to, n.start);
        let mut st = self.statement(from, to, status, n.start);
        let verb_word = verb.map_or_else(String::new, |(s, e)| text(chars, s, e));
        let object = verb
            .map_or_else(
                || subject(&text(chars, from, n.outer)),
                |(_, e)| text(chars, e, n.outer),
            )
            .trim()
            .to_owned();
        let parts = [verb_word, object, noun];
        st.indicator = parts
            .iter()
            .filter(|p| !p.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        st.subject = verb.map_or_else(String::new, |(s, _)| subject(&text(chars, from, s)));
        (st.value, st.lower, st.upper) = (n.value, n.lower, n.upper);
        st.comparator = Some(n.comparator);
        st.fraction = n.parts;
        st.unit = if n.unit.is_empty() {
            unit
        } else {
            n.unit.clone()
        };
        st.measure = if n.share {
            Measure::Share
        } else if n.unit == "percentage points" {
            Measure::Points
        } else {
            Measure::Count
        };
        st.value_start = self.block.place(n.start).0;
        st.value_end = self.block.place_after(n.end, self.source).0;
        let words = format!("{} {}", st.subject, st.indicator);
        self.reader
            .vocabulary
            .link(&words, &st.unit)
            .clone_into(&mut st.indicator_id);
        reading.statements.push(st);
    }

    /// A sentence without numbers that promises something.
    fn undertaking(&self, reading: &mut Reading) {
        let chars = &self.block.chars;
        if self.block.kind != BlockKind::Body {
            return;
        }
        let sentence = text(chars, self.from, self.to);
        let lower = sentence.to_ascii_lowercase();
        let promise = [
            "will ",
            "plan to ",
            "plans to ",
            "aims to ",
            "aim to ",
            "intends to ",
            "is to ",
            "are to ",
            "suggested ",
            "proposed ",
            "called for ",
            "should ",
        ]
        .iter()
        .find_map(|w| {
            lower
                .find(w)
                .filter(|_| sentence.is_ascii())
                .map(|p| p + w.len())
        });
        let Some(place) = promise else { return };
        let status = self.status(self.from, self.to, self.to);
        if status == Status::Done {
            return;
        }
        let mut from = self.from;
        while matches!(at(chars, from), ' ' | '"' | '“') {
            from += 1;
        }
        let mut st = self.statement(from, self.to, status, self.to);
        st.indicator = sentence
            .get(place..)
            .unwrap_or("")
            .trim()
            .chars()
            .take(80)
            .collect();
        self.reader
            .vocabulary
            .link(&sentence, "")
            .clone_into(&mut st.indicator_id);
        reading.statements.push(st);
    }

    fn status(&self, from: usize, to: usize, number: usize) -> Status {
        let chars = &self.block.chars;
        let before = text(chars, from.min(number), number).to_ascii_lowercase();
        let we = before.contains("we expect to") || before.contains("expects to");
        let all = format!(" {} ", text(chars, from, to).to_ascii_lowercase());
        let sentence = format!(" {} ", text(chars, self.from, number).to_ascii_lowercase());
        let has = |hay: &str, words: &[&str]| words.iter().any(|w| hay.contains(w));
        let deputy = self
            .speaker
            .and_then(|k| self.people.all.get(k))
            .is_some_and(|p| p.role == Role::Deputy);
        if has(
            &all,
            &[
                " suggested ",
                " suggests ",
                " proposed ",
                " proposes ",
                " urged ",
                " recommended ",
                " called for ",
            ],
        ) || deputy && has(&all, &[" should ", " hopes "])
        {
            return Status::Proposal;
        }
        if has(
            &all,
            &[
                " expected to ",
                " projected ",
                " forecast ",
                " is likely to ",
                " estimated to ",
            ],
        ) || before.contains("expected") && !we
        {
            return Status::Forecast;
        }
        if has(
            &all,
            &[
                " aims to ",
                " aim to ",
                " aiming to ",
                " target of ",
                " strive to ",
                " seeks to ",
                " goal of ",
            ],
        ) {
            return Status::Aim;
        }
        let own = format!(" {before} ");
        if has(
            &all,
            &[
                " has been ",
                " have been ",
                " had been ",
                " had fallen ",
                " had risen ",
                " has already ",
                " have already ",
            ],
        ) && !has(&own, &[" will "])
        {
            return Status::Done;
        }
        let plan = [
            " will ",
            " plans to ",
            " plan to ",
            " planned to ",
            " is to ",
            " are to ",
            " intends to ",
            " expects to ",
            " expect to ",
            " pledged to ",
            " pledges to ",
            " promised to ",
            " committed to ",
            " scheduled to ",
            " going to ",
            " city to ",
            " government to ",
            " set to ",
            " to be built ",
            " be added ",
            " due to open ",
            "'ll ",
        ];
        let time = self.time(number);
        let to_come = time.as_ref().is_some_and(|t| {
            t.to.zip(self.published.day())
                .is_some_and(|(to, day)| to > day)
                && !t.as_of
        });
        if has(&all, &plan) || has(&sentence, &plan) && !has(&own, &[" was ", " were "]) {
            return if to_come || time.is_some_and(|t| t.deadline) {
                Status::Planned
            } else {
                Status::Future
            };
        }
        if has(
            &all,
            &[
                " is being ",
                " are being ",
                " under way ",
                " underway ",
                " under construction ",
                " is building ",
                " are building ",
                " continues to ",
                " continue to ",
            ],
        ) {
            return Status::Ongoing;
        }
        if time.is_some_and(|t| t.deadline && to_come) {
            Status::Planned
        } else {
            Status::Done
        }
    }

    /// The time nearest to a number: before it in its clause, behind it, else the
    /// sentence's, else the one carried.
    fn time(&self, number: usize) -> Option<EnglishTime> {
        let (from, to) = self.clause(number.min(self.to.saturating_sub(1)));
        let in_clause = |t: &&EnglishTime| t.start >= from && t.end <= to;
        // up from 54 percent in 2020: the time of that number stands behind it.
        let came = text(&self.block.chars, number.saturating_sub(5), number) == "from ";
        if came && let Some(t) = self.times.iter().find(|t| t.start > number && t.end <= to) {
            return Some(t.clone());
        }
        let near = self
            .times
            .iter()
            .filter(in_clause)
            .rfind(|t| t.start < number)
            .or_else(|| self.times.iter().find(in_clause));
        near.or_else(|| self.times.iter().rev().find(|t| t.start < number))
            .or_else(|| self.times.first())
            .cloned()
            .or_else(|| self.carried.clone())
    }

    fn is_carried(&self, t: &EnglishTime) -> bool {
        self.times.is_empty() && self.carried.as_ref() == Some(t)
    }

    fn statement(&self, from: usize, to: usize, status: Status, number: usize) -> Statement {
        let (start, byte) = self.block.place(from);
        let (end, stop) = self.block.place_after(to, self.source);
        let (prefix, suffix) = around(self.source, byte, stop);
        let person = self.speaker.and_then(|k| self.people.all.get(k));
        let own = body_in(&self.block.chars, self.from, self.to);
        let body = [
            own.as_str(),
            person.map_or("", |p| p.body.as_str()),
            self.block_body,
        ]
        .into_iter()
        .find(|b| !b.is_empty())
        .unwrap_or("")
        .to_owned();
        let ahead = matches!(
            status,
            Status::Planned | Status::Future | Status::Aim | Status::Forecast | Status::Proposal
        );
        let past = |t: &EnglishTime| {
            t.as_of
                || t.to
                    .zip(self.published.day())
                    .is_some_and(|(to, day)| to < day)
        };
        let to_come = |t: &EnglishTime| {
            t.to.zip(self.published.day())
                .is_some_and(|(to, day)| to > day)
        };
        let time = self
            .time(number)
            .filter(|t| !(ahead && past(t) || !ahead && self.is_carried(t) && to_come(t)));
        let date = |d: Option<Date>| d.map_or_else(String::new, |d| d.to_string());
        let (mut period_start, mut period_end, mut as_of) = (None, None, String::new());
        if let Some(t) = &time {
            if t.as_of {
                as_of = if t.now {
                    self.published.to_string()
                } else {
                    date(t.to)
                };
            } else {
                (period_start, period_end) = (t.from, t.to);
            }
        }
        Statement {
            start,
            end,
            quote: self.source.get(byte..stop).unwrap_or("").to_owned(),
            prefix,
            suffix,
            heading: self.heading.to_owned(),
            in_heading: self.block.kind == BlockKind::Heading,
            indicator: String::new(),
            indicator_id: String::new(),
            subject: String::new(),
            value: None,
            lower: None,
            upper: None,
            fraction: None,
            unit: String::new(),
            measure: Measure::None,
            comparator: None,
            value_start: start,
            value_end: end,
            scope: String::new(),
            period_start,
            period_end,
            as_of,
            time: time.map_or_else(String::new, |t| text(&self.block.chars, t.start, t.end)),
            status,
            body_name: self.reader.vocabulary.body_name(&body).to_owned(),
            body,
            speaker: person.map_or_else(String::new, |p| p.name.clone()),
            role: person.map_or(Role::Narrator, |p| p.role),
        }
    }
}
