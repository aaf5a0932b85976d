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
    /// A text longer than two MiB is read in parts, on all cores; see
    /// [`Reader::read_parts`].
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

    /// Returns the day given, else the one printed in the text.
    #[must_use]
    pub fn published(&self, source: &str, given: Published) -> Published {
        if given.is_unknown() {
            crate::dateline::dateline(source)
        } else {
            given
        }
    }

    pub(crate) fn read_text(&self, source: &str, published: Published) -> Reading {
        // Dense prose has a statement every 130 bytes.
        let mut reading = Reading {
            statements: Vec::with_capacity(source.len() / 200),
            ..Reading::default()
        };
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
        let place = |s: &Statement| (s.start, s.value_start, s.end);
        if !reading.statements.is_sorted_by_key(place) {
            reading.statements.sort_by_key(place);
        }
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
    pub(crate) fn shift(&mut self, by: usize) {
        for s in &mut self.statements {
            (s.start, s.end) = (s.start + by, s.end + by);
            (s.value_start, s.value_end) = (s.value_start + by, s.value_end + by);
        }
        for o in &mut self.others {
            (o.start, o.end) = (o.start + by, o.end + by);
        }
    }

    /// Drops what begins before a place and counts from there.
    pub(crate) fn drop_before(&mut self, place: usize) {
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
