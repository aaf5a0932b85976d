//! From a source to its statements: sections, who speaks, what holds when.

use serde::{Deserialize, Serialize};

use crate::frames::assemble;
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
    /// A text longer than 512 KiB is read in parts, cut at the first blank line
    /// after so much, each by itself and on all cores: the cut depends on the text
    /// alone, so that the outcome is the same on any machine.
    #[must_use]
    pub fn read(&self, source: &str, published: Published) -> Reading {
        let published = if published.is_unknown() {
            crate::dateline::dateline(source)
        } else {
            published
        };
        let parts = parts(source);
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(parts.len());
        let mut readings: Vec<Reading> = parts.iter().map(|_| Reading::default()).collect();
        if threads <= 1 {
            for (part, slot) in parts.iter().zip(&mut readings) {
                *slot = self.read_part(part, published);
            }
        } else {
            let work = std::sync::Mutex::new(parts.iter().zip(&mut readings));
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
        }
        let mut all = Reading {
            published: published.to_string(),
            ..Reading::default()
        };
        let mut before = 0;
        for (part, mut reading) in parts.iter().zip(readings) {
            for s in &mut reading.statements {
                (s.start, s.end) = (s.start + before, s.end + before);
                (s.value_start, s.value_end) = (s.value_start + before, s.value_end + before);
            }
            for o in &mut reading.others {
                (o.start, o.end) = (o.start + before, o.end + before);
            }
            before += part.chars().count();
            all.statements.append(&mut reading.statements);
            all.others.append(&mut reading.others);
        }
        all
    }

    fn read_part(&self, source: &str, published: Published) -> Reading {
        let mut reading = Reading::default();
        let mut people = People::default();
        for p in &self.vocabulary.people {
            people.meet(&p.alias, p.role, &p.body);
        }
        let mut section = Section {
            heading: String::new(),
            blocks: Vec::new(),
            lead: None,
        };
        each_block(source, |block| {
            if block.kind == BlockKind::Heading || section.blocks.len() >= SECTION_MAX {
                self.close(&mut section, source, &published, &people, &mut reading);
            }
            if block.kind == BlockKind::Heading {
                section.heading = title(&block);
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
            lead(kind, &scanned, &people, &mut section);
            section.blocks.push(scanned);
        });
        self.close(&mut section, source, &published, &people, &mut reading);
        reading
            .statements
            .sort_by_key(|s| (s.start, s.value_start, s.end));
        reading.others.sort_by_key(|o| (o.start, o.end));
        Places::fill(source, &mut reading);
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

/// Parts of a long text end at the first blank line after so many bytes.
const PART: usize = 512 << 10;

fn parts(source: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = source;
    while rest.len() > PART * 2 {
        let mut from = PART;
        while !rest.is_char_boundary(from) {
            from += 1;
        }
        let (head, tail) = rest.split_at(from);
        let Some(cut) = tail.find("\n\n").or_else(|| tail.find("\n\r\n")) else {
            break;
        };
        let (part, next) = rest.split_at(head.len() + cut + 1);
        all.push(part);
        rest = next;
    }
    all.push(rest);
    all
}

/// A line such as 孔博代表： names whose section follows.
fn lead(kind: BlockKind, scanned: &Scanned, people: &People, section: &mut Section) {
    if kind == BlockKind::Lead {
        let text = &scanned.block.text;
        section.lead = people.all.iter().position(|p| text.contains(&p.name));
    } else if kind == BlockKind::Byline {
        section.lead = None;
    }
}

fn title(block: &Block) -> String {
    block.text.trim_start_matches(['#', ' ']).trim().to_owned()
}

/// Prefix and suffix of every quote, in one pass over the sorted statements.
struct Places;

impl Places {
    const AROUND: usize = 20;

    fn fill(source: &str, reading: &mut Reading) {
        let mut chars = source.char_indices();
        let (mut index, mut byte) = (0usize, 0usize);
        for s in &mut reading.statements {
            while index < s.start {
                index += 1;
                byte = match chars.next() {
                    Some((b, c)) => b + c.len_utf8(),
                    None => source.len(),
                };
            }
            let before: Vec<char> = source
                .get(..byte)
                .unwrap_or("")
                .chars()
                .rev()
                .take(Self::AROUND)
                .collect();
            s.prefix = before.iter().rev().collect();
            let after = byte + s.quote.len();
            s.suffix = source
                .get(after..)
                .unwrap_or("")
                .chars()
                .take(Self::AROUND)
                .collect();
        }
    }
}
