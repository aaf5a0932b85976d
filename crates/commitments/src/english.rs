//! English prose, read into the same statements.

use minsheng_model::{Date, Decimal};

use crate::chars::{at, before, text};
use crate::english_numbers::{EnglishNumber, number_at};
use crate::english_times::{EnglishTime, times};
use crate::layout::{Block, BlockKind};
use crate::people::People;
use crate::published::Published;
use crate::reading::{Reader, Reading};
use crate::statement::{Comparator, Measure, Other, Role, Statement, Status};

/// Returns whether a block is English: Latin letters and hardly a Chinese one.
pub(crate) fn is_english(chars: &[char]) -> bool {
    let head = chars.get(..chars.len().min(2000)).unwrap_or_default();
    let han = head.iter().filter(|c| crate::chars::han(**c)).count();
    let latin = head.iter().filter(|c| c.is_ascii_alphabetic()).count();
    latin > 10 && han * 20 < latin
}

/// Reads one block.
pub(crate) fn read(reader: &Reader, block: &Block, source: &str, published: &Published, heading: &str, people: &mut People, reading: &mut Reading) {
    if block.kind == BlockKind::Byline {
        return;
    }
    let mut carried: Option<EnglishTime> = None;
    let mut speaker: Option<usize> = None;
    let block_body = body_in(&block.chars, 0, block.chars.len());
    for (from, to) in sentences(&block.chars) {
        let found = times(&block.chars, from, to, published);
        if let Some(k) = speaker_in(&block.chars, from, to, people) {
            speaker = Some(k);
        }
        let mut s = Sentence { reader, block, source, published, heading, people, speaker, from, to, times: &found, carried: carried.clone(), block_body: &block_body };
        s.read(reading);
        if let Some(t) = found.last() {
            carried = Some(t.clone());
        }
    }
}

/// Cuts at full stops that end a sentence.
fn sentences(chars: &[char]) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut start = 0;
    for i in 0..chars.len() {
        let c = at(chars, i);
        let stop = matches!(c, '!' | '?' | '\u{2026}') || c == '.' && matches!(at(chars, i + 1), ' ' | '\0' | '"' | '”') && !abbreviation(chars, i);
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
    matches!(word.as_str(), "Mr" | "Ms" | "Mrs" | "Dr" | "No" | "St" | "vs" | "approx" | "e.g" | "i.e") || word.len() == 1 && word.chars().all(|c| c.is_ascii_uppercase())
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
    times: &'a [EnglishTime],
    carried: Option<EnglishTime>,
    block_body: &'a str,
}

/// Words that end a noun phrase.
const STOPS: &[&str] = &[
    "in", "of", "for", "at", "by", "to", "with", "from", "on", "across", "under", "during", "and", "or", "that", "which", "who", "were", "was", "are", "is", "be", "been", "have", "has", "had", "will", "would", "can", "could", "this", "last", "next", "as", "after", "before", "over", "than", "since", "through", "into", "per", "while", "but", "the", "a", "an", "so", "now", "each", "within", "compared", "including", "between", "between", "up", "down", "year-on-year", "annually", "built", "opened", "started", "completed", "completed,", "were,", "provided", "offered", "added", "it", "said", "respectively", "nationwide", "citywide", "started", "should", "must", "not", "more", "higher", "lower", "also", "when", "where", "if", "began", "begun", "finished", "renovated", "installed", "created", "planned", "expected", "offering", "providing", "serving", "benefiting",
];

/// Verbs of counting, by stem.
const VERBS: &[&str] = &[
    "build", "built", "add", "open", "start", "complet", "finish", "provid", "creat", "renovat", "install", "train", "increas", "decreas", "reduc", "expand", "serv", "offer", "establish", "launch", "reach", "total", "grow", "grew", "rose", "rise", "fell", "fall", "cut", "plant", "repair", "upgrad", "allocat", "invest", "spend", "spent", "issu", "recruit", "hire", "enrol", "treat", "set", "deliver", "supply", "supplied", "extend", "cover", "account", "benefit", "receiv", "handl", "resolv", "plan", "introduc", "convert", "relocat", "mov", "support", "drop", "exceed", "double", "hold", "host", "publish", "improv", "continu", "promot", "speed", "accelerat", "develop", "strengthen",
];

impl Sentence<'_> {
    fn read(&mut self, reading: &mut Reading) {
        let chars = &self.block.chars;
        let mut i = self.from;
        let mut found = false;
        while i < self.to {
            if let Some(t) = self.times.iter().find(|t| t.start <= i && i < t.end) {
                i = t.end;
                continue;
            }
            let boundary = !before(chars, i).is_ascii_alphanumeric() && !matches!(before(chars, i), '.' | ',' if before(chars, i.saturating_sub(1)).is_ascii_digit());
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
        reading.others.push(Other { start, end, quote: self.source.get(byte..stop).unwrap_or("").to_owned(), reason: reason.to_owned() });
    }

    /// The clause around a place: between semicolons and the commas that a
    /// conjunction follows.
    fn clause(&self, at_: usize) -> (usize, usize) {
        let chars = &self.block.chars;
        let cut = |i: usize| {
            at(chars, i) == ';' || at(chars, i) == ',' && ["and ", "while ", "but ", "with ", "including "].iter().any(|w| crate::chars::starts(chars, i + 2, w))
        };
        let start = (self.from..at_).rev().find(|i| cut(*i)).map_or(self.from, |i| i + 1);
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
        let object = verb.map_or_else(|| subject(&text(chars, from, n.outer)), |(_, e)| text(chars, e, n.outer)).trim().to_owned();
        let parts = [verb_word, object, noun];
        st.indicator = parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        st.subject = verb.map_or_else(String::new, |(s, _)| subject(&text(chars, from, s)));
        (st.value, st.lower, st.upper) = (n.value, n.lower, n.upper);
        st.comparator = Some(n.comparator);
        st.fraction = n.parts;
        st.unit = if n.unit.is_empty() { unit } else { n.unit.clone() };
        st.measure = if n.share { Measure::Share } else if n.unit == "percentage points" { Measure::Points } else { Measure::Count };
        st.value_start = self.block.place(n.start).0;
        st.value_end = self.block.place_after(n.end, self.source).0;
        let words = format!("{} {}", st.subject, st.indicator);
        self.reader.vocabulary.link(&words, &st.unit).clone_into(&mut st.indicator_id);
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
        let promise = ["will ", "plan to ", "plans to ", "aims to ", "aim to ", "intends to ", "is to ", "are to ", "suggested ", "proposed ", "called for ", "should "].iter().find_map(|w| lower.find(w).filter(|_| sentence.is_ascii()).map(|p| p + w.len()));
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
        st.indicator = sentence.get(place..).unwrap_or("").trim().chars().take(80).collect();
        self.reader.vocabulary.link(&sentence, "").clone_into(&mut st.indicator_id);
        reading.statements.push(st);
    }

    fn status(&self, from: usize, to: usize, number: usize) -> Status {
        let chars = &self.block.chars;
        let before = text(chars, from.min(number), number).to_ascii_lowercase();
        let all = format!(" {} ", text(chars, from, to).to_ascii_lowercase());
        let sentence = format!(" {} ", text(chars, self.from, number).to_ascii_lowercase());
        let has = |hay: &str, words: &[&str]| words.iter().any(|w| hay.contains(w));
        let deputy = self.speaker.and_then(|k| self.people.all.get(k)).is_some_and(|p| p.role == Role::Deputy);
        if has(&all, &[" suggested ", " suggests ", " proposed ", " proposes ", " urged ", " recommended ", " called for "]) || deputy && has(&all, &[" should ", " hopes "]) {
            return Status::Proposal;
        }
        if has(&all, &[" expected to ", " projected ", " forecast ", " is likely to ", " estimated to "]) || before.contains("expected") {
            return Status::Forecast;
        }
        if has(&all, &[" aims to ", " aim to ", " aiming to ", " target of ", " strive to ", " seeks to ", " goal of "]) {
            return Status::Aim;
        }
        let own = format!(" {before} ");
        if has(&all, &[" has been ", " have been ", " had been ", " has already ", " have already "]) && !has(&own, &[" will "]) {
            return Status::Done;
        }
        let plan = [" will ", " plans to ", " plan to ", " planned to ", " is to ", " are to ", " intends to ", " to be built ", " be added ", " due to open ", "'ll "];
        let time = self.time(number);
        let to_come = time.as_ref().is_some_and(|t| t.to.zip(self.published.day()).is_some_and(|(to, day)| to > day) && !t.as_of);
        if has(&all, &plan) || has(&sentence, &plan) && !has(&own, &[" was ", " were "]) {
            return if to_come || time.is_some_and(|t| t.deadline) { Status::Planned } else { Status::Future };
        }
        if has(&all, &[" is being ", " are being ", " under way ", " underway ", " under construction ", " is building ", " are building ", " continues to ", " continue to "]) {
            return Status::Ongoing;
        }
        if time.is_some_and(|t| t.deadline && to_come) { Status::Planned } else { Status::Done }
    }

    /// The time nearest to a number: before it in its clause, behind it, else the
    /// sentence's, else the one carried.
    fn time(&self, number: usize) -> Option<EnglishTime> {
        let (from, to) = self.clause(number.min(self.to.saturating_sub(1)));
        let in_clause = |t: &&EnglishTime| t.start >= from && t.end <= to;
        let near = self.times.iter().filter(in_clause).filter(|t| t.start < number).next_back().or_else(|| self.times.iter().find(in_clause));
        near.or_else(|| self.times.iter().rev().find(|t| t.start < number)).or_else(|| self.times.first()).cloned().or_else(|| self.carried.clone())
    }

    fn statement(&self, from: usize, to: usize, status: Status, number: usize) -> Statement {
        let (start, byte) = self.block.place(from);
        let (end, stop) = self.block.place_after(to, self.source);
        let person = self.speaker.and_then(|k| self.people.all.get(k));
        let own = body_in(&self.block.chars, self.from, self.to);
        let body = [own.as_str(), person.map_or("", |p| p.body.as_str()), self.block_body].into_iter().find(|b| !b.is_empty()).unwrap_or("").to_owned();
        let ahead = matches!(status, Status::Planned | Status::Future | Status::Aim | Status::Forecast | Status::Proposal);
        let past = |t: &EnglishTime| t.as_of || t.to.zip(self.published.day()).is_some_and(|(to, day)| to < day);
        let time = self.time(number).filter(|t| !(ahead && past(t)));
        let date = |d: Option<Date>| d.map_or_else(String::new, |d| d.to_string());
        let (mut period_start, mut period_end, mut as_of) = (None, None, String::new());
        if let Some(t) = &time {
            if t.as_of {
                as_of = if t.now { self.published.to_string() } else { date(t.to) };
            } else {
                (period_start, period_end) = (t.from, t.to);
            }
        }
        Statement {
            start,
            end,
            quote: self.source.get(byte..stop).unwrap_or("").to_owned(),
            prefix: String::new(),
            suffix: String::new(),
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

fn word_at(chars: &[char], mut i: usize, to: usize) -> Option<(usize, usize)> {
    while i < to && at(chars, i) == ' ' {
        i += 1;
    }
    let start = i;
    while i < to && (at(chars, i).is_ascii_alphabetic() || matches!(at(chars, i), '-' | '\'' | '’') && i > start) {
        i += 1;
    }
    (i > start).then_some((start, i))
}

/// The noun phrase behind a number, and its last word as the unit.
fn noun(chars: &[char], n: &EnglishNumber, to: usize) -> (String, String) {
    let (mut i, mut last, mut count) = (n.end, None, 0);
    while let Some((s, e)) = word_at(chars, i, to).filter(|_| count < 5) {
        let word = text(chars, s, e).to_ascii_lowercase();
        if STOPS.contains(&word.as_str()) || s > i + 1 {
            break;
        }
        last = Some((s, e));
        i = e;
        count += 1;
    }
    match last {
        Some((s, e)) => (text(chars, n.end, e).trim().to_owned(), text(chars, s, e).to_ascii_lowercase()),
        None => (String::new(), String::new()),
    }
}

/// The last verb of counting before the number.
fn verb_before(chars: &[char], from: usize, to: usize) -> Option<(usize, usize)> {
    let (mut i, mut found) = (from, None);
    while i < to {
        let Some((s, e)) = word_at(chars, i, to) else {
            i += 1;
            continue;
        };
        let word = text(chars, s, e).to_ascii_lowercase();
        if VERBS.iter().any(|v| word.starts_with(v)) {
            found = Some((s, e));
        }
        i = e.max(i + 1);
    }
    found
}

/// The subject before a verb, without auxiliaries and times.
fn subject(phrase: &str) -> String {
    let mut words: Vec<&str> = phrase.split_whitespace().collect();
    while words.last().is_some_and(|w| matches!(w.to_ascii_lowercase().as_str(), "will" | "has" | "have" | "had" | "was" | "were" | "is" | "are" | "be" | "been" | "to" | "plans" | "plan" | "planned" | "expected" | "also" | "and" | "aims" | "being" | "intends")) {
        words.pop();
    }
    let tail = words.len().saturating_sub(8);
    words.get(tail..).unwrap_or_default().join(" ").trim_matches([',', '"', '“']).to_owned()
}

fn no_fact(chars: &[char], n: &EnglishNumber) -> Option<&'static str> {
    let next = word_at(chars, n.end, n.end + 24).map(|(s, e)| text(chars, s, e).to_ascii_lowercase()).unwrap_or_default();
    let hyphen = at(chars, n.end) == '-';
    let tail: String = (n.end..n.end + 14).map(|k| at(chars, k)).collect();
    if ["st", "nd", "rd", "th"].iter().any(|s| tail.starts_with(s)) && !at(chars, n.end + 2).is_ascii_alphabetic() {
        return Some("ordinal");
    }
    if tail.starts_with("-year-old") || tail.starts_with(" years old") || tail.starts_with("-month-old") || n.before.ends_with("aged") || n.before.ends_with("age of") {
        return Some("age");
    }
    if matches!(next.as_str(), "years" | "year" | "months" | "month" | "days" | "day" | "weeks" | "hours" | "hour" | "minutes" | "minute" | "decades") || hyphen && ["-year", "-day", "-month", "-hour", "-minute", "-week"].iter().any(|w| tail.starts_with(w)) {
        return Some("duration");
    }
    let named = ["line", "no", "no.", "room", "phase", "chapter", "article", "section", "route", "bus", "level", "class", "grade", "page", "table", "figure"];
    let last = n.before.rsplit(' ').next().unwrap_or("");
    if named.contains(&last) || next == "hotline" || hyphen && tail.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
        return Some("name");
    }
    if n.article {
        return Some("article");
    }
    let plain_year = n.digits == 4 && n.value.is_some_and(|v| v >= Decimal::from(1900) && v <= Decimal::from(2100)) && n.unit.is_empty();
    if plain_year && (next.is_empty() || STOPS.contains(&next.as_str())) {
        return Some("bare");
    }
    let weighty = !n.unit.is_empty() || n.share || n.comparator != Comparator::Exact || n.scaled;
    (next.is_empty() && !weighty && !verb_like(&n.before)).then_some("bare")
}

fn verb_like(before: &str) -> bool {
    ["to", "reached", "totalled", "totaled", "was", "were", "by", "of", "and"].iter().any(|w| before.rsplit(' ').next() == Some(*w)) 
}

const BODY_WORDS: &[&str] = &["Bureau", "Commission", "Committee", "Department", "Authority", "Administration", "Council", "Ministry", "Agency", "Office"];

/// The first body named: capitalised words around Bureau, Commission …
fn body_in(chars: &[char], from: usize, to: usize) -> String {
    let words: Vec<(usize, usize)> = {
        let mut all = Vec::new();
        let mut i = from;
        while i < to {
            match word_at(chars, i, to) {
                Some((s, e)) => {
                    all.push((s, e));
                    i = e;
                }
                None => i += 1,
            }
        }
        all
    };
    let word = |k: usize| words.get(k).map(|(s, e)| text(chars, *s, *e)).unwrap_or_default();
    let capital = |k: usize| word(k).starts_with(|c: char| c.is_ascii_uppercase());
    let joined = |k: usize| words.get(k).zip(words.get(k + 1)).is_some_and(|(a, b)| b.0 == a.1 + 1);
    for k in 0..words.len() {
        if !BODY_WORDS.contains(&word(k).as_str()) {
            continue;
        }
        let mut first = k;
        while first > 0 && capital(first - 1) && joined(first - 1) && !matches!(word(first - 1).as_str(), "The" | "In" | "According" | "By") {
            first -= 1;
        }
        let mut last = k;
        while joined(last) && (capital(last + 1) || matches!(word(last + 1).as_str(), "of" | "and" | "for") && capital(last + 2)) && last - k < 9 {
            last += 1;
        }
        if let Some(((s, _), (_, e))) = words.get(first).zip(words.get(last)) {
            return text(chars, *s, *e);
        }
    }
    String::new()
}

/// `said NAME`, `NAME said`, `NAME, director of the X, said`, `according to NAME`.
fn speaker_in(chars: &[char], from: usize, to: usize, people: &mut People) -> Option<usize> {
    let mut i = from;
    while i < to {
        let Some((s, e)) = word_at(chars, i, to) else {
            i += 1;
            continue;
        };
        i = e;
        let verb = text(chars, s, e);
        if !matches!(verb.as_str(), "said" | "says" | "told" | "announced" | "noted" | "added" | "suggested" | "proposed" | "explained" | "stated" | "urged") {
            continue;
        }
        let after = name_forward(chars, e, to);
        let found = after.map(|n| (n, false)).or_else(|| name_backward(chars, from, s).map(|n| (n, true)));
        let Some((name, _)) = found else { continue };
        let sentence = text(chars, from, to);
        let deputy = sentence.contains("deputy to") || sentence.contains("lawmaker") || sentence.contains("political adviser");
        let body = body_in(chars, from, to);
        let role = if deputy { Role::Deputy } else if body.is_empty() { Role::Other } else { Role::Official };
        return Some(people.meet(&name, role, if deputy { "" } else { &body }));
    }
    None
}

fn name_forward(chars: &[char], from: usize, to: usize) -> Option<String> {
    let (mut i, mut words) = (from, Vec::new());
    while let Some((s, e)) = word_at(chars, i, to) {
        let word = text(chars, s, e);
        if s != i + 1 || !word.starts_with(|c: char| c.is_ascii_uppercase()) || words.len() == 3 {
            break;
        }
        words.push(word);
        i = e;
    }
    ((2..=3).contains(&words.len()) && !BODY_WORDS.iter().any(|b| words.iter().any(|w| w == b))).then(|| words.join(" "))
}

/// The capitalised words before a comma phrase or right before the verb.
fn name_backward(chars: &[char], from: usize, verb: usize) -> Option<String> {
    let all = text(chars, from, verb);
    let first = all.split(',').next().unwrap_or("").trim().trim_matches(['"', '“', '”']).to_owned();
    let last = all.rsplit(',').next().unwrap_or("").trim().trim_matches(['"', '“', '”']).to_owned();
    [last, first].into_iter().find_map(|p| {
        let words: Vec<&str> = p.split_whitespace().collect();
        let named = (2..=3).contains(&words.len()) && words.iter().all(|w| w.starts_with(|c: char| c.is_ascii_uppercase()) && w.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '\''));
        let thing = words.first().is_some_and(|w| matches!(*w, "The" | "In" | "A" | "An" | "This" | "Last")) || BODY_WORDS.iter().any(|b| words.contains(b));
        (named && !thing).then(|| words.join(" "))
    })
}
