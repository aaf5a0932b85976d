//! From a source to its statements: sections, who speaks, what holds when.

use serde::{Deserialize, Serialize};

use crate::context::{Context, Outline};
use crate::frames::{Carry, assemble};
use crate::layout::{Block, BlockKind, each_block};
use crate::lexicon::Words;
use crate::people::People;
use crate::published::Published;
use crate::scan::{Scanned, scan};
use crate::statement::{Other, Statement};
use crate::vocabulary::Vocabulary;

/// Everything read from one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// Numbers that are no facts, and why.
    pub others: Vec<Other>,
    /// The publication that relative times were told from; empty if unknown.
    pub published: String,
}

/// Reads prose with the compiled word lists and one city's words. Made once, used
/// for many texts.
pub struct Reader {
    pub(crate) words: Words,
    pub(crate) vocabulary: Vocabulary,
    aliases: Vec<String>,
}

/// Blocks of one section are kept together up to here.
const SECTION_MAX: usize = 400;

/// What is carried through a document.
pub(crate) struct Section {
    pub(crate) heading: String,
    pub(crate) blocks: Vec<Scanned>,
    /// The person whose name opened it (孔博代表：).
    pub(crate) lead: Option<usize>,
    /// What its headings say of time and mode.
    pub(crate) context: Context,
    /// What the blocks already told hand on, where a section is told in parts.
    pub(crate) carry: Option<Carry>,
}

impl Reader {
    /// Compiles the lists.
    #[must_use]
    pub fn new(vocabulary: Vocabulary) -> Self {
        let aliases: Vec<String> = vocabulary.bodies.iter().map(|b| b.alias.clone()).collect();
        let people: Vec<String> = vocabulary.people.iter().map(|p| p.alias.clone()).collect();
        let words = Words::new(&aliases, &people, &vocabulary.names);
        Self {
            words,
            vocabulary,
            aliases,
        }
    }

    /// Reads a text. Takes time in proportion to its length; any text is read
    /// without an error, whatever it holds.
    ///
    /// A text longer than a MiB is read in parts, on all cores; see
    /// [`Reader::read_each`].
    #[must_use]
    pub fn read(&self, source: &str, published: Published) -> Reading {
        let mut all = Reading {
            published: self.published(source, published).to_string(),
            ..Reading::default()
        };
        self.read_each(source, published, |mut part| {
            all.statements.append(&mut part.statements);
            all.others.append(&mut part.others);
        });
        all
    }

    /// Reads a text and hands its parts on in order, so that a long text's
    /// statements are never held all at once.
    ///
    /// Parts are cut every 512 KiB, at a heading where one is near, else at a blank
    /// line or the end of a paragraph. Before each, the 32 KiB in front of it are
    /// read again for the heading, the people and the time that carry over. Where a
    /// part is cut depends on the text alone, so that the outcome is the same on
    /// any machine.
    pub fn read_each(&self, source: &str, published: Published, mut sink: impl FnMut(Reading)) {
        let published = self.published(source, published);
        let parts = parts(source);
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(parts.len());
        let mut before = 0;
        let mut hand = |part: &Part<'_>, mut reading: Reading| {
            reading.published = published.to_string();
            reading.shift(before);
            before += part.text.chars().count();
            sink(reading);
        };
        if threads <= 1 {
            for part in &parts {
                hand(part, self.read_part(part, published));
            }
            return;
        }
        for batch in parts.chunks(threads * 2) {
            let mut readings: Vec<Reading> = batch.iter().map(|_| Reading::default()).collect();
            let work = std::sync::Mutex::new(batch.iter().zip(&mut readings));
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        loop {
                            let next = work.lock().ok().and_then(|mut w| w.next());
                            let Some((part, slot)) = next else { break };
                            *slot = self.read_part(part, published);
                        }
                    });
                }
            });
            for (part, reading) in batch.iter().zip(readings) {
                hand(part, reading);
            }
        }
    }

    /// The day given, else the one printed in the text.
    fn published(&self, source: &str, given: Published) -> Published {
        if given.is_unknown() {
            crate::dateline::dateline(source)
        } else {
            given
        }
    }

    /// Reads a part with its run-up and drops what the run-up tells.
    fn read_part(&self, part: &Part<'_>, published: Published) -> Reading {
        let mut reading = self.read_text(part.whole, published);
        let lead = part.whole.len() - part.text.len();
        let skipped = part.whole.get(..lead).map_or(0, |s| s.chars().count());
        reading.drop_before(skipped);
        reading
    }

    fn read_text(&self, source: &str, published: Published) -> Reading {
        let mut reading = Reading::default();
        let mut people = People::default();
        for p in &self.vocabulary.people {
            people.meet(&p.alias, p.role, &p.body);
        }
        let mut section = Section {
            heading: String::new(),
            blocks: Vec::new(),
            lead: None,
            context: Context::default(),
            carry: None,
        };
        let mut outline = Outline::default();
        each_block(source, |block| {
            if block.kind == BlockKind::Heading || section.blocks.len() >= SECTION_MAX {
                self.close(&mut section, source, &published, &people, &mut reading);
            }
            if block.kind == BlockKind::Heading {
                section.heading = title(&block);
                section.carry = None;
            }
            if crate::english::is_english(&block.chars) {
                crate::english::read(
                    self,
                    &block,
                    source,
                    &published,
                    &section.heading,
                    &mut people,
                    &mut reading,
                );
                return;
            }
            let kind = block.kind;
            let scanned = scan(block, &self.words, &self.aliases, &published, &mut people);
            if kind == BlockKind::Heading {
                section.context = outline.open(&scanned);
            }
            lead(kind, &scanned, &people, &mut section);
            section.blocks.push(scanned);
        });
        self.close(&mut section, source, &published, &people, &mut reading);
        reading
            .statements
            .sort_by_key(|s| (s.start, s.value_start, s.end));
        reading.others.sort_by_key(|o| (o.start, o.end));
        reading
    }

    fn close(
        &self,
        section: &mut Section,
        source: &str,
        published: &Published,
        people: &People,
        reading: &mut Reading,
    ) {
        if !section.blocks.is_empty() {
            assemble(self, section, source, published, people, reading);
            section.blocks.clear();
        }
    }
}

impl Reading {
    /// Moves every place back by so many characters.
    fn shift(&mut self, by: usize) {
        for s in &mut self.statements {
            (s.start, s.end) = (s.start + by, s.end + by);
            (s.value_start, s.value_end) = (s.value_start + by, s.value_end + by);
        }
        for o in &mut self.others {
            (o.start, o.end) = (o.start + by, o.end + by);
        }
    }

    /// Drops what begins before a place and counts from there.
    fn drop_before(&mut self, place: usize) {
        if place == 0 {
            return;
        }
        self.statements.retain(|s| s.start >= place);
        self.others.retain(|o| o.start >= place);
        for s in &mut self.statements {
            (s.start, s.end) = (s.start - place, s.end - place);
            s.value_start = s.value_start.saturating_sub(place);
            s.value_end = s.value_end.saturating_sub(place);
        }
        for o in &mut self.others {
            (o.start, o.end) = (o.start - place, o.end - place);
        }
    }
}

/// A part of a long text, alone and with its run-up.
struct Part<'a> {
    text: &'a str,
    whole: &'a str,
}

/// Parts of a long text are at least so many bytes long.
const PART: usize = 512 << 10;

/// A cut is looked for so far behind that.
const LOOK: usize = 128 << 10;

/// So much before a part is read again for what carries over into it.
const RUN_UP: usize = 32 << 10;

fn boundary(source: &str, mut at: usize) -> usize {
    while at < source.len() && !source.is_char_boundary(at) {
        at += 1;
    }
    at.min(source.len())
}

/// Where a cut may be at the earliest from `from` on: the line of a heading, else
/// behind a blank line, else behind a paragraph's end.
fn cut(source: &str, from: usize) -> Option<usize> {
    let window = source.get(from..boundary(source, from + LOOK))?;
    let heading = window.find("\n#").map(|i| i + 1);
    let blank = || {
        ["\n\n", "\n\r\n"]
            .iter()
            .filter_map(|w| Some(window.find(w)? + w.len()))
            .min()
    };
    let end = || window.find("。\n").map(|i| i + "。\n".len());
    let found = heading.or_else(blank).or_else(end)?;
    Some(from + found)
}

fn parts(source: &str) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let mut from = 0;
    while source.len() - from > PART * 2 {
        let mut target = boundary(source, from + PART);
        let mut found = None;
        while found.is_none() && target + PART < source.len() {
            found = cut(source, target);
            target = boundary(source, target + LOOK);
        }
        let Some(to) = found else { break };
        all.push(part(source, from, to));
        from = to;
    }
    all.push(part(source, from, source.len()));
    all
}

fn part(source: &str, from: usize, to: usize) -> Part<'_> {
    let back = boundary(source, from.saturating_sub(RUN_UP));
    // The run-up begins at a cut of its own; without one there is none.
    let start = cut(source, back).filter(|s| *s < from && back > 0);
    let start = if back == 0 { 0 } else { start.unwrap_or(from) };
    Part {
        text: source.get(from..to).unwrap_or(""),
        whole: source.get(start.min(from)..to).unwrap_or(""),
    }
}

/// A line such as 孔博代表： names whose section follows.
fn lead(kind: BlockKind, scanned: &Scanned, people: &People, section: &mut Section) {
    if kind == BlockKind::Lead {
        let text: String = scanned.block.chars.iter().collect();
        section.lead = people.all.iter().position(|p| text.contains(&p.name));
    } else if kind == BlockKind::Byline {
        section.lead = None;
    }
}

fn title(block: &Block) -> String {
    let text: String = block.chars.iter().collect();
    text.trim_start_matches(['#', ' ']).trim().to_owned()
}

/// Up to so many characters of a quote's surroundings are kept on each side.
const AROUND: usize = 20;

/// The characters before one byte of a source and those behind another.
pub(crate) fn around(source: &str, from: usize, to: usize) -> (String, String) {
    let before = source.get(..from).unwrap_or("");
    let start = before.char_indices().rev().take(AROUND).last();
    let start = start.map_or(from, |(b, _)| b);
    let behind = source.get(to..).unwrap_or("");
    let end = behind.char_indices().nth(AROUND);
    let end = end.map_or(behind.len(), |(b, _)| b);
    (
        before.get(start..).unwrap_or("").to_owned(),
        behind.get(..end).unwrap_or("").to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever a long text is cut, it reads as if it were read whole.
    #[test]
    fn parts_read_as_the_whole() {
        let mut text = String::new();
        let reader = Reader::new(Vocabulary::default());
        let day: Published = "2024-03-02".parse().unwrap();
        for round in 0..9000 {
            if round % 7 == 0 {
                text.push_str(
                    "## 第三批托班开放\n\n市教育局局长沈远介绍,去年全市新增学位35个。\n\n",
                );
            }
            text.push_str("沈远说,今年计划新增托位1900个,并将开展分级培训。\n\n同时,还将增加床位6");
            text.push_str("0张。截至目前,全市共有96所幼儿园开设\n\n托班,可提供3400个托位。\n\n");
        }
        assert!(parts(&text).len() >= 3);
        let whole = reader.read_text(&text, day);
        let read = reader.read(&text, day);
        assert_eq!(read.statements.len(), whole.statements.len());
        for (a, b) in read.statements.iter().zip(&whole.statements) {
            assert_eq!((a.start, a.end, &a.quote), (b.start, b.end, &b.quote));
            assert_eq!(
                (&a.speaker, &a.body, &a.heading),
                (&b.speaker, &b.body, &b.heading)
            );
            assert_eq!((a.status, a.period_start), (b.status, b.period_start));
        }
        assert_eq!(read.others, whole.others);
    }
}
