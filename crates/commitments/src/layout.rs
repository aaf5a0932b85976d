//! Lines to blocks: sentences cut by a column are joined again, headings and
//! bylines stay apart, and every character keeps its place in the source.

use crate::chars::{Plain, ends_sentence, han};
use crate::table::{self, Cell, Columns};

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Heading,
    /// A line that ends in a colon or a name: 孔博代表：
    Lead,
    Byline,
    Body,
}

/// One paragraph, heading or byline.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    /// Characters in half-width and simplified form.
    pub(crate) chars: Vec<char>,
    /// Pieces: first index in `chars`, its character and byte in the source.
    pieces: Vec<(usize, usize, usize)>,
    /// Byte of each character in the source, counted from the block's first.
    bytes: Vec<u32>,
    base: usize,
    /// It goes on where the block before was cut for its length.
    pub(crate) continued: bool,
    /// A cell of a table, with what its row and column say.
    pub(crate) cell: Option<Cell>,
}

/// Longer paragraphs are cut at the next end of a sentence, so that what looks
/// around within a block stays cheap whatever the line's length.
const PIECE: usize = 2048;

impl Block {
    fn new(kind: BlockKind, base: usize) -> Self {
        Self {
            kind,
            chars: Vec::new(),
            pieces: Vec::new(),
            bytes: Vec::new(),
            base,
            continued: false,
            cell: None,
        }
    }

    /// Cuts a long block into pieces of about [`PIECE`] characters, at ends of
    /// sentences, else of clauses, else between other characters than digits.
    fn pieces(self) -> Vec<Block> {
        if self.chars.len() <= PIECE + PIECE / 2 {
            return vec![self];
        }
        let mut all = Vec::new();
        let mut from = 0;
        while from < self.chars.len() {
            let to = self.cut(from);
            all.push(self.part(from, to));
            from = to;
        }
        all
    }

    fn cut(&self, from: usize) -> usize {
        let target = from + PIECE;
        let end = self.chars.len();
        if target + PIECE / 2 >= end {
            return end;
        }
        let window = self
            .chars
            .get(target..target + PIECE / 2)
            .unwrap_or_default();
        let sentence = window.iter().position(|c| ends_sentence(*c));
        let clause = || {
            window
                .iter()
                .position(|c| crate::chars::ends_clause(*c) && !matches!(c, ',' | ':'))
        };
        let other = || {
            window.iter().position(|c| {
                !crate::chars::numeral(*c) && !c.is_ascii_digit() && !matches!(c, '.' | ',' | '，')
            })
        };
        let offset = sentence.or_else(clause).or_else(other).unwrap_or(PIECE / 2);
        target + offset + 1
    }

    fn part(&self, from: usize, to: usize) -> Block {
        let chars = self.chars.get(from..to).unwrap_or_default().to_vec();
        let k = self
            .pieces
            .partition_point(|p| p.0 <= from)
            .saturating_sub(1);
        let pieces = self
            .pieces
            .iter()
            .skip(k)
            .take_while(|p| p.0 < to)
            .map(|(at, character, byte)| {
                if *at >= from {
                    (at - from, *character, *byte)
                } else {
                    (0, character + (from - at), *byte)
                }
            })
            .collect();
        Block {
            kind: self.kind,
            chars,
            pieces,
            bytes: self.bytes.get(from..to).unwrap_or_default().to_vec(),
            base: self.base,
            continued: from > 0,
            cell: self.cell.clone(),
        }
    }

    /// Returns the place of a character in the source, in characters and bytes.
    pub(crate) fn place(&self, index: usize) -> (usize, usize) {
        let k = self.pieces.partition_point(|p| p.0 <= index);
        let (from, character, _) = k
            .checked_sub(1)
            .and_then(|k| self.pieces.get(k))
            .copied()
            .unwrap_or((0, 0, 0));
        let byte = self
            .bytes
            .get(index)
            .map_or(self.base, |b| self.base + *b as usize);
        (character + (index - from), byte)
    }

    /// Returns the place after the last of the characters before `index`.
    pub(crate) fn place_after(&self, index: usize, source: &str) -> (usize, usize) {
        let (character, byte) = self.place(index.saturating_sub(1));
        let width = source
            .get(byte..)
            .and_then(|s| s.chars().next())
            .map_or(0, char::len_utf8);
        (character + 1, byte + width)
    }
}

#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    byte: usize,
    character: usize,
    /// A blank line stands before.
    gap: bool,
    indented: bool,
    length: usize,
}

/// Splits into lines without their blanks and ends; blank lines are dropped.
fn lines(source: &str) -> Vec<Line<'_>> {
    let (mut byte, mut character, mut gap) = (0, 0, true);
    let mut all = Vec::new();
    for raw in source.split_inclusive(['\n', '\r']) {
        let total = raw.chars().count();
        let body = raw.trim_end();
        let text = body.trim_start();
        if text.is_empty() {
            // The end of a CRLF is no line of its own.
            let crlf = raw == "\n" && byte > 0 && source.as_bytes().get(byte - 1) == Some(&b'\r');
            gap |= !crlf;
        } else {
            let lead = body.len() - text.len();
            let lead_chars = body.get(..lead).map_or(0, |s| s.chars().count());
            let tail_chars = raw.get(body.len()..).map_or(0, |s| s.chars().count());
            all.push(Line {
                text,
                byte: byte + lead,
                character: character + lead_chars,
                gap,
                indented: lead_chars >= 2 || body.starts_with('\u{3000}'),
                length: total - lead_chars - tail_chars,
            });
            gap = false;
        }
        byte += raw.len();
        character += total;
    }
    all
}

fn punctuated(text: &str) -> bool {
    text.contains(['，', ',', '。', '；', ';', '“', '、', '！', '？'])
}

fn closed(text: &str) -> bool {
    text.chars().next_back().is_some_and(|c| {
        ends_sentence(c)
            || matches!(
                c,
                '”' | '"' | '』' | '」' | ')' | '）' | ';' | '；' | ':' | '：' | '.' | '》' | '】'
            )
    })
}

fn byline(line: &Line<'_>) -> bool {
    let t = line.text;
    line.length <= 40
        && (t.contains("/摄")
            || t.contains("/文")
            || t.contains("文/")
            || t.contains("摄影")
            || (t.starts_with("本报记者") && !t.contains(['，', ',', '。']))
            || (t.starts_with("记者") && !t.contains(['，', ',', '。']))
            || t.starts_with("责任编辑")
            || t.starts_with("编辑："))
}

/// `# …`, `一、…`, `（一）…`, `1.…` or a short line without punctuation.
fn heading(line: &Line<'_>) -> bool {
    let t = line.text;
    if t.starts_with('#') {
        return true;
    }
    if line.length > 40 || t.contains(['。', '；', ';', '！']) || t.ends_with(['，', ',', '、'])
    {
        return false;
    }
    let numbered = numbering(t);
    numbered && !t.contains(['，', ',']) && line.length <= 30
}

fn numbering(t: &str) -> bool {
    let mut chars = t.chars();
    match chars.next() {
        Some('（' | '(') => {
            let inner: String = chars
                .by_ref()
                .take_while(|c| !matches!(c, '）' | ')'))
                .collect();
            !inner.is_empty()
                && inner.chars().count() <= 3
                && inner
                    .chars()
                    .all(|c| crate::chars::numeral(c) || c.is_ascii_digit())
        }
        Some('第') => {
            chars.next().is_some_and(crate::chars::numeral)
                && t.chars().take(6).any(|c| matches!(c, '章' | '节' | '部'))
        }
        Some(c) if crate::chars::numeral(c) => t.chars().skip(1).take(3).any(|c| c == '、'),
        _ => false,
    }
}

/// A title on a line of its own: short, bare, and not the rest of a sentence.
fn title(line: &Line<'_>, next: Option<&Line<'_>>, open: bool) -> bool {
    if open || punctuated(line.text) || closed(line.text) || line.length > 36 {
        return false;
    }
    if !line.text.chars().any(han) {
        return line.length <= 80 && line.gap && next.is_none_or(|n| n.gap);
    }
    // Within a hard-wrapped paragraph lines have about the same length.
    line.gap && next.is_none_or(|n| n.gap || n.indented || n.length > line.length + 8)
}

/// `孔博代表：` or `围绕…，代表建议——`: it opens what follows.
fn lead(line: &Line<'_>) -> bool {
    line.length <= 30 && line.text.ends_with([':', '：', '—']) && !line.text.contains('。')
}

/// A longer line joins nothing more: garbage without an end stays bounded.
const BLOCK_MAX: usize = 1 << 20;

/// Cuts a source into blocks and hands them on one by one, so that a long file
/// is never held twice.
pub(crate) fn each_block(source: &str, mut sink: impl FnMut(Block)) {
    let lines = lines(source);
    let mut current: Option<Block> = None;
    let mut open = false;
    let mut columns: Option<Columns> = None;
    for (k, line) in lines.iter().enumerate() {
        let cells = table::cells(line.text);
        if cells.is_none() {
            columns = None;
        }
        if let Some(cells) = cells {
            let row = columns.as_ref().map(|c| c.row(&cells));
            let heading = row.is_none().then(|| Columns::read(&cells)).flatten();
            if row.is_some() || heading.is_some() {
                if let Some(done) = current.take() {
                    done.pieces().into_iter().for_each(&mut sink);
                }
                columns = heading.or(columns);
                row.into_iter()
                    .flatten()
                    .flat_map(|(byte, text, cell)| cell_block(line, byte, text, cell).pieces())
                    .for_each(&mut sink);
                open = false;
                continue;
            }
        }
        let next = lines.get(k + 1);
        let kind = kind_of(line, next, open);
        let joins = open
            && kind == BlockKind::Body
            && !numbering(line.text)
            && !bullet(line.text)
            && continues(current.as_ref(), line);
        match current
            .as_mut()
            .filter(|b| joins && b.chars.len() < BLOCK_MAX)
        {
            Some(block) => push(block, line, true),
            None => {
                if let Some(done) = current.take() {
                    done.pieces().into_iter().for_each(&mut sink);
                }
                let mut block = Block::new(kind, line.byte);
                push(&mut block, line, false);
                current = Some(block);
            }
        }
        open = kind == BlockKind::Body && !closed(line.text);
    }
    if let Some(done) = current {
        done.pieces().into_iter().for_each(&mut sink);
    }
}

/// One cell as a block, with its places in the source.
fn cell_block(line: &Line<'_>, byte: usize, text: &str, cell: Cell) -> Block {
    let before = line.text.get(..byte).map_or(0, |s| s.chars().count());
    let line = Line {
        text,
        byte: line.byte + byte,
        character: line.character + before,
        gap: true,
        indented: false,
        length: text.chars().count(),
    };
    let mut block = Block::new(BlockKind::Body, line.byte);
    block.cell = Some(cell);
    push(&mut block, &line, false);
    block
}

fn kind_of(line: &Line<'_>, next: Option<&Line<'_>>, open: bool) -> BlockKind {
    if byline(line) {
        BlockKind::Byline
    } else if heading(line) || title(line, next, open) {
        BlockKind::Heading
    } else if lead(line) && !open {
        BlockKind::Lead
    } else {
        BlockKind::Body
    }
}

fn bullet(text: &str) -> bool {
    text.starts_with(['-', '*', '•', '·', '●', '■', '◆', '|'])
}

/// A paragraph's indent starts a new one; English lines join across a blank line
/// only in mid-sentence.
fn continues(last: Option<&Block>, line: &Line<'_>) -> bool {
    let Some(last) = last else { return false };
    if line.indented
        && !line.gap
        && last.chars.len() > 2
        && line.text.chars().next().is_some_and(han)
        && line.byte > 0
    {
        return false;
    }
    let latin = line.text.chars().next().is_some_and(|c| c.is_ascii());
    let cut = last.chars.last().copied().unwrap_or(' ');
    if latin && line.gap && !han(cut) {
        return line.text.starts_with(|c: char| c.is_ascii_lowercase()) || cut == ',';
    }
    true
}

fn push(block: &mut Block, line: &Line<'_>, joined: bool) {
    if joined {
        let left = block.chars.last().copied().unwrap_or(' ');
        let right = line.text.chars().next().unwrap_or(' ');
        if (left.is_ascii_alphanumeric() || matches!(left, ',' | ';' | '.'))
            && right.is_ascii_alphabetic()
            && !han(right)
        {
            // The line end stands for the blank between two words.
            let byte = line.byte.saturating_sub(1);
            block
                .pieces
                .push((block.chars.len(), line.character.saturating_sub(1), byte));
            block
                .bytes
                .push(u32::try_from(byte.saturating_sub(block.base)).unwrap_or(u32::MAX));
            block.chars.push(' ');
        }
    }
    block
        .pieces
        .push((block.chars.len(), line.character, line.byte));
    let first = line.byte - block.base;
    let first = u32::try_from(first).unwrap_or(u32::MAX);
    let old = block.chars.len();
    block.chars.resize(old + line.length, ' ');
    block.bytes.resize(old + line.length, 0);
    let chars = block.chars.get_mut(old..).unwrap_or_default();
    let bytes = block.bytes.get_mut(old..).unwrap_or_default();
    let places = chars.iter_mut().zip(bytes);
    let plain = Plain::table();
    for ((char, place), (at, c)) in places.zip(line.text.char_indices()) {
        *char = plain.of(c);
        // A line longer than 4 GiB has no places; blocks end long before.
        *place = first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    }
}
