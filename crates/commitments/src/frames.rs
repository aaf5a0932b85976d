//! Clause by clause: time, mode, body and speaker carried forward, one statement
//! per quantity and per undertaking.

use crate::chars::{at, before, starts, text};
use crate::context::Context;
use crate::layout::BlockKind;
use crate::lexicon::{Class, UnitKind};
use crate::making::is_past;
use crate::mode::{Mode, mode_before};
use crate::numeral::Shape;
use crate::people::People;
use crate::published::Published;
use crate::quantity::Quantity;
use crate::reading::{Reader, Reading, Section};
use crate::scan::{Clause, Scanned, goes_on};
use crate::statement::{Comparator, Measure, Other, Role, Statement, Status};
use crate::times::{TimeKind, TimeRef};
use crate::wording::phrase;

/// What one block hands to the next, with the words of its time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carry {
    mode: Option<Mode>,
    time: Option<TimeRef>,
    words: String,
    speaker: Option<usize>,
}

/// What holds while the clauses of a block are walked.
pub(crate) struct Walk<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) source: &'a str,
    pub(crate) published: &'a Published,
    pub(crate) people: &'a People,
    pub(crate) heading: &'a str,
    pub(crate) s: &'a Scanned,
    /// The body of the section, of the paragraph, of the sentence's subject.
    pub(crate) section_body: &'a str,
    /// What the headings over the block say of time and mode.
    pub(crate) context: Context,
    pub(crate) block_body: String,
    pub(crate) sentence_body: String,
    pub(crate) mode: Option<Mode>,
    pub(crate) block_mode: Option<Mode>,
    pub(crate) time: Option<TimeRef>,
    /// Words of a time that stands in an earlier block; its places are there.
    pub(crate) inherited: Option<String>,
    /// Where the current sentence begins.
    pub(crate) opened: usize,
    /// The time of the next number alone.
    pub(crate) local: Option<TimeRef>,
    pub(crate) next_time: usize,
    pub(crate) speaker: Option<usize>,
    pub(crate) subject: String,
    pub(crate) carried: bool,
    pub(crate) sentence: usize,
    /// The sentence that a topic (在…方面) opened.
    pub(crate) topic: Option<usize>,
}

/// Turns a section into statements.
pub(crate) fn assemble(
    reader: &Reader,
    section: &mut Section,
    source: &str,
    published: &Published,
    people: &People,
    reading: &mut Reading,
) {
    let body = section_body(section, people);
    let mut carry = section.carry.take().unwrap_or_default();
    for s in &section.blocks {
        for (from, to, reason) in &s.others {
            other(s, source, *from, *to, reason, reading);
        }
        if matches!(s.block.kind, BlockKind::Byline) {
            carry = Carry::default();
            continue;
        }
        let mut walk = Walk::new(reader, source, published, people, section, s, &body, &carry);
        for clause in &s.clauses {
            walk.clause(*clause, reading);
        }
        if s.block.kind == BlockKind::Body {
            carry = Carry {
                mode: walk.block_mode,
                words: walk
                    .time
                    .as_ref()
                    .map_or_else(String::new, |t| walk.words_of(t)),
                time: walk.time.clone(),
                speaker: walk.speaker,
            };
        }
    }
    section.carry = Some(carry);
}

fn other(s: &Scanned, source: &str, from: usize, to: usize, reason: &str, reading: &mut Reading) {
    let (start, byte) = s.block.place(from);
    let (end, stop) = s.block.place_after(to, source);
    let quote = source.get(byte..stop).unwrap_or("").to_owned();
    reading.others.push(Other {
        start,
        end,
        quote,
        reason: reason.to_owned(),
    });
}

/// The body of the officials who speak in a section, if it is one and no other
/// body acts there; without a speaker the only body named.
fn section_body(section: &Section, people: &People) -> String {
    // Without a heading nothing says that the paragraphs belong together.
    if section.heading.is_empty() {
        return String::new();
    }
    let mut named: Vec<&str> = Vec::new();
    let speakers = section
        .blocks
        .iter()
        .flat_map(|b| &b.sayings)
        .filter_map(|a| people.all.get(a.person));
    for p in speakers.filter(|p| p.role == Role::Official && !p.body.is_empty()) {
        if named.len() < 2 && !named.contains(&p.body.as_str()) {
            named.push(&p.body);
        }
    }
    if section.lead.is_some() && named.is_empty() {
        return String::new();
    }
    let acting = section
        .blocks
        .iter()
        .flat_map(|s| s.bodies.iter().map(move |b| (s, b)));
    for (s, b) in acting {
        let c = before(&s.block.chars, b.start);
        let subject = named.is_empty()
            || c == '\0'
            || crate::chars::ends_sentence(c)
            || matches!(c, '，' | ',' | '\n');
        if subject && named.len() < 2 && !named.contains(&b.name.as_str()) {
            named.push(&b.name);
        }
    }
    match named.as_slice() {
        [only] => (*only).to_owned(),
        _ => String::new(),
    }
}

impl<'a> Walk<'a> {
    #[expect(
        clippy::too_many_arguments,
        reason = "one call, everything a walk reads"
    )]
    fn new(
        reader: &'a Reader,
        source: &'a str,
        published: &'a Published,
        people: &'a People,
        section: &'a Section,
        s: &'a Scanned,
        section_body: &'a str,
        carry: &Carry,
    ) -> Self {
        let cut = s.block.continued;
        let heading = section.heading.as_str();
        // 票价方面, opens a matter of its own; 在票价方面, goes on with the last.
        let bare = crate::scan::topic(&s.block.chars, 0).is_some()
            && at(&s.block.chars, crate::chars::skip_blank(&s.block.chars, 0)) != '在';
        let continues = cut || !bare && goes_on(&s.block.chars, 0);
        // A list of plans goes on in paragraphs that begin with their verbs.
        let listed = continues
            || s.block.kind == BlockKind::Body
                && carry.mode.is_some_and(Mode::ahead)
                && bare_verb(s, 0);
        let official = carry
            .speaker
            .and_then(|k| people.all.get(k))
            .is_some_and(|p| p.role == Role::Official);
        let heading_block = s.block.kind != BlockKind::Body;
        let whole_year = carry.time.clone().filter(|t| {
            cut || continues
                && t.kind == TimeKind::Period
                && carry.mode.is_some_and(Mode::ahead)
                && !is_past(t, published)
        });
        let cell = s.block.cell.as_ref();
        let context = cell.map_or_else(|| section.context.clone(), |c| c.context(&section.context));
        let carried = whole_year
            .filter(|_| !heading_block)
            .map(|t| (t, carry.words.clone()))
            .or_else(|| {
                let time = context.time.clone().filter(|_| !heading_block)?;
                Some((time, context.words.clone()))
            });
        let (time, inherited) = carried.map_or((None, None), |(t, w)| (Some(t), Some(w)));
        Self {
            reader,
            source,
            published,
            people,
            heading,
            s,
            section_body,
            context,
            block_body: match cell.filter(|c| !c.body.is_empty()) {
                Some(cell) => cell.body.clone(),
                None => s
                    .bodies
                    .first()
                    .map_or_else(String::new, |b| b.name.clone()),
            },
            sentence_body: String::new(),
            mode: carry.mode.filter(|_| listed && !heading_block),
            block_mode: carry.mode.filter(|_| listed),
            time,
            inherited,
            opened: 0,
            local: None,
            next_time: 0,
            speaker: carry
                .speaker
                .filter(|_| cut || continues && official && !heading_block),
            subject: String::new(),
            carried: continues,
            sentence: 0,
            topic: None,
        }
    }

    fn clause(&mut self, clause: Clause, reading: &mut Reading) {
        let chars = &self.s.block.chars;
        let fresh = self.sentence != clause.sentence;
        self.sentence = clause.sentence;
        if fresh {
            self.mode = self
                .block_mode
                .filter(|m| m.ahead())
                .filter(|_| goes_on(chars, clause.start) || bare_verb(self.s, clause.start));
            self.carried = self.mode.is_some();
            self.subject.clear();
            self.sentence_body.clear();
            self.opened = clause.start;
            // 今年的大会: the year of that thing, not of the next sentence.
            if self.inherited.is_none()
                && self.time.as_ref().is_some_and(|t| at(chars, t.end) == '的')
            {
                self.time = None;
                self.restore();
            }
        }
        self.attribute(clause);
        self.owner(clause);
        let quantities = self.quantities(clause);
        if quantities.is_empty() {
            // A time behind the verb belongs to its object.
            let first = self.s.hits.partition_point(|h| h.start < clause.start);
            let verb = self
                .s
                .hits
                .iter()
                .skip(first)
                .take_while(|h| h.start < clause.end)
                .find(|h| h.class.has(Class::ACT) && !h.class.has(Class::SAY));
            self.times_until(verb.map_or(clause.end, |h| h.start));
            self.words(clause, reading);
            self.times_until(clause.end);
            return;
        }
        let mut from = clause.start;
        for (k, q) in quantities.iter().enumerate() {
            self.times_until(q.outer);
            let next = quantities.get(k + 1);
            let to = self.cut(
                q.end,
                next.map_or(clause.end, |n| n.outer),
                clause.end,
                next.is_some(),
            );
            self.quantity(q, clause, from, to, reading);
            if next.is_some_and(|n| n.outer >= to) && at(chars, to) == '、' {
                from = to + 1;
            }
        }
        self.times_until(clause.end);
    }

    fn quantities(&self, clause: Clause) -> &'a [Quantity] {
        let all = self.s.quantities.as_slice();
        let first = all.partition_point(|q| q.start < clause.start);
        let rest = all.get(first..).unwrap_or_default();
        let count = rest.partition_point(|q| q.start < clause.end);
        rest.get(..count).unwrap_or_default()
    }

    /// The end of a quantity's segment: the next 、 between two quantities, or the
    /// clause's end.
    fn cut(&self, from: usize, until: usize, end: usize, more: bool) -> usize {
        let chars = &self.s.block.chars;
        if !more {
            return end.max(from);
        }
        // 355个、完工183个, but not 5家儿科、医联体核心医院和60多家.
        (from..until)
            .find(|i| at(chars, *i) == '、' && (*i == from || until - *i <= 9))
            .unwrap_or(end)
            .max(from)
    }

    fn times_until(&mut self, until: usize) {
        while let Some(t) = self.s.times.get(self.next_time).filter(|t| t.start < until) {
            self.next_time += 1;
            // 从去年的86个: the time of that number alone.
            if matches!(before(&self.s.block.chars, t.start), '从' | '由')
                && at(&self.s.block.chars, t.end) == '的'
            {
                self.local = Some(t.clone());
            } else if !matches!(t.kind, TimeKind::Compare | TimeKind::Duration) {
                self.time = Some(self.whole(t));
                self.inherited = None;
            }
        }
    }

    fn attribute(&mut self, clause: Clause) {
        const NOBODY: &[&str] = &[
            "据了解",
            "据悉",
            "据统计",
            "数据显示",
            "记者从",
            "记者了解到",
            "记者获悉",
        ];
        let from = crate::chars::skip_blank(&self.s.block.chars, clause.start);
        if matches!(at(&self.s.block.chars, from), '据' | '数' | '记')
            && NOBODY.iter().any(|w| starts(&self.s.block.chars, from, w))
        {
            self.speaker = None;
        }
        let sayings = &self.s.sayings;
        let near = sayings.partition_point(|a| a.start + 1 < clause.start);
        if let Some(inside) = sayings.iter().skip(near).take(64).find(|a| {
            a.quoted
                .is_some_and(|(open, close)| open <= clause.start && clause.start < close)
        }) {
            self.speaker = Some(inside.person);
            return;
        }
        for a in sayings
            .iter()
            .skip(near)
            .take_while(|a| a.start < clause.end)
        {
            self.speaker = Some(a.person);
            if a.proposes && self.role(a.person) != Role::Official {
                self.mode = Some(Mode::Proposal);
            }
        }
    }

    fn role(&self, person: usize) -> Role {
        self.people
            .all
            .get(person)
            .map_or(Role::Narrator, |p| p.role)
    }

    pub(crate) fn speaker_role(&self) -> Role {
        self.speaker.map_or(Role::Narrator, |k| self.role(k))
    }

    /// A body that begins a clause is its subject.
    fn owner(&mut self, clause: Clause) {
        let chars = &self.s.block.chars;
        let lead = ["据", "由", "“", " ", "从", "昨天", "今年", "去年"];
        let first = self.s.bodies.partition_point(|b| b.start < clause.start);
        let subject = self
            .s
            .bodies
            .iter()
            .skip(first)
            .take_while(|b| b.start < clause.end)
            .find(|b| {
                let before = text(chars, clause.start, b.start.max(clause.start));
                before.is_empty()
                    || lead.iter().any(|w| before == *w)
                    || b.start - clause.start <= 6
                        && times_in(self.s, clause.start, b.start).any(|t| t.end <= b.start)
            });
        if let Some(b) = subject {
            self.sentence_body.clone_from(&b.name);
        }
    }

    pub(crate) fn body(&self) -> &str {
        let role = self.speaker_role();
        if !self.sentence_body.is_empty() {
            return &self.sentence_body;
        }
        if matches!(role, Role::Deputy | Role::Other) && self.mode == Some(Mode::Proposal)
            || role == Role::Deputy
        {
            return "";
        }
        let speaker = self
            .speaker
            .and_then(|k| self.people.all.get(k))
            .map_or("", |p| p.body.as_str());
        [speaker, self.block_body.as_str(), self.section_body]
            .into_iter()
            .find(|b| !b.is_empty())
            .unwrap_or("")
    }

    fn quantity(
        &mut self,
        q: &Quantity,
        clause: Clause,
        from: usize,
        to: usize,
        reading: &mut Reading,
    ) {
        let explicit = mode_before(self.s, clause, q.start, to, self.speaker_role());
        let explicit = self.settled(explicit);
        self.remember(explicit);
        // 去年完成的183个, 截至年底建成105个 in the middle of a plan are results.
        let own = self.time_since(clause.start);
        if explicit.is_none() && own.is_some_and(|t| self.past(t) || t.kind == TimeKind::AsOf) {
            self.mode = None;
        }
        // 同比增长: what is compared with a year before has happened.
        let compared = times_in(self.s, clause.start, clause.end)
            .any(|t| t.kind == TimeKind::Compare && t.end <= q.start);
        let mode = explicit
            .or(self.mode)
            .or_else(|| self.default_mode(clause))
            .or(compared.then_some(Mode::Done));
        let later = self
            .time
            .is_none()
            .then(|| {
                self.s
                    .times
                    .get(self.next_time)
                    .filter(|t| {
                        t.start < clause.end
                            && (t.kind == TimeKind::Period || t.kind == TimeKind::Deadline)
                    })
                    .cloned()
            })
            .flatten();
        let time = self.local.take().or_else(|| self.time_for(mode, clause));
        let time = time.or(later);
        let found = phrase(self.s, q, from, to);
        let subject = if found.subject.is_empty() && (found.bare || found.indicator.is_empty()) {
            self.subject.clone()
        } else {
            found.subject.clone()
        };
        if !found.subject.is_empty() {
            self.subject.clone_from(&found.subject);
        } else if !found.bare {
            self.subject.clear();
        }
        let (from, to) = self.trimmed(from, to.max(q.end));
        let mut st = self.statement(from, to, mode, time.as_ref());
        (st.indicator, st.subject, st.scope) = (found.indicator, subject, found.scope);
        if let Some(cell) = self.s.block.cell.as_ref().filter(|_| st.subject.is_empty()) {
            st.subject.clone_from(&cell.name);
        }
        (st.value, st.lower, st.upper) = (q.value, q.lower, q.upper);
        st.fraction = q.parts;
        st.unit.clone_from(&q.unit);
        st.comparator = Some(q.comparator);
        st.measure = measure(q);
        st.value_start = self.s.block.place(q.start).0;
        st.value_end = self.s.block.place_after(q.end, self.source).0;
        if q.comparator == Comparator::Expected && st.status == Status::Done {
            st.status = Status::Forecast;
        }
        self.link(&mut st, None);
        reading.statements.push(st);
    }

    /// Links a statement to an indicator by its phrase, or by its clause.
    pub(crate) fn link(&self, st: &mut Statement, clause: Option<(usize, usize)>) {
        if self.reader.vocabulary.indicators.is_empty() {
            return;
        }
        let words = match clause {
            Some((from, to)) => text(&self.s.block.chars, from, to),
            None => st.indicator.clone(),
        };
        let unit = if clause.is_some() { "" } else { &st.unit };
        let words = format!("{} {words}", st.subject);
        st.indicator_id = self.reader.vocabulary.link(&words, unit).to_owned();
    }

    /// Cuts blanks, quotation marks and connectives off a range.
    pub(crate) fn trimmed(&self, mut from: usize, mut to: usize) -> (usize, usize) {
        let chars = &self.s.block.chars;
        while from < to && matches!(at(chars, from), ' ' | '”' | '"' | '、' | '#') {
            from += 1;
        }
        let opened = (from..to).any(|i| matches!(at(chars, i), '“' | '"'));
        while to > from
            && (matches!(before(chars, to), ' ' | '、' | '—')
                || !opened && matches!(before(chars, to), '”' | '"'))
        {
            to -= 1;
        }
        (from, to)
    }
}

/// Returns whether a verb of action, and no word of result, heads what begins at
/// `i`: a list of plans goes on with it.
fn bare_verb(s: &Scanned, i: usize) -> bool {
    let chars = &s.block.chars;
    let i = crate::chars::numbering_end(chars, crate::chars::skip_blank(chars, i));
    let first = s.hits.partition_point(|h| h.start < i);
    s.hits.get(first).is_some_and(|h| {
        h.class.has(Class::ACT.or(Class::COUNT))
            && !h.class.has(
                Class::DONE
                    .or(Class::WEAK_DONE)
                    .or(Class::EVENT)
                    .or(Class::SAY),
            )
            && h.end - h.start > 1
            && crate::mode::only_fillers(chars, i, h.start)
            && !matches!(at(chars, h.end), '了' | '的')
    })
}

/// The times that begin between two places.
pub(crate) fn times_in(s: &Scanned, from: usize, to: usize) -> impl Iterator<Item = &TimeRef> {
    let first = s.times.partition_point(|t| t.start < from);
    s.times.iter().skip(first).take_while(move |t| t.start < to)
}

fn measure(q: &Quantity) -> Measure {
    match (q.shape, q.kind) {
        (Shape::Percent | Shape::PerMille | Shape::Fraction, _) => Measure::Share,
        (_, Some(UnitKind::Points)) => Measure::Points,
        (_, Some(UnitKind::Multiple)) => Measure::Multiple,
        _ => Measure::Count,
    }
}
