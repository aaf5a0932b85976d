//! A long text in parts: where it may be cut, and its parts read on all cores.
//!
//! Where a part is cut depends on the text alone, so that the outcome is the same
//! on any machine and with any number of threads.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, sync_channel};

use crate::published::Published;
use crate::reading::{Reader, Reading};

/// Sizes in bytes.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// Parts are at least so long.
    part: usize,
    /// A cut is looked for so far behind that.
    look: usize,
    /// So much before a part is read again for what carries over into it.
    run_up: usize,
}

/// What a paragraph ends with.
const ENDS: [char; 9] = ['。', '！', '？', '”', '.', '!', '?', '"', '：'];

const SIZES: Sizes = Sizes {
    part: 1 << 20,
    look: 128 << 10,
    run_up: 32 << 10,
};

/// A part of a long text.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    /// With its run-up.
    whole: &'a str,
    /// Characters of the run-up, which are read and not told.
    skipped: usize,
    /// Characters of the text before `whole`.
    before: usize,
}

impl Reader {
    /// Reads a text and hands its parts on in order, so that a long text's
    /// statements are never held all at once.
    pub fn read_each(&self, source: &str, published: Published, mut sink: impl FnMut(Reading)) {
        let told = self.read_parts(
            source,
            published,
            threads(),
            |reading| reading,
            |reading| {
                sink(reading);
                Ok::<(), Infallible>(())
            },
        );
        match told {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }

    /// Reads a text in parts on so many threads; `make` turns each part's reading
    /// into something else on the thread that read it, `sink` takes what was made
    /// in the order of the text. At most two parts a thread are held at a time.
    ///
    /// Parts are cut every MiB, at a heading where one is near, else at a blank
    /// line or the end of a paragraph. Before each, the 32 KiB in front of it are
    /// read again for the heading, the people and the time that carry over.
    ///
    /// # Errors
    /// The first one that `sink` returns; nothing is read after it.
    pub fn read_parts<T: Send, E>(
        &self,
        source: &str,
        published: Published,
        threads: usize,
        make: impl Fn(Reading) -> T + Sync,
        sink: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let published = self.published(source, published);
        let parts = parts(source, SIZES);
        in_order(
            &parts,
            threads,
            |part| make(self.read_part(part, published)),
            sink,
        )
    }

    /// Reads a part with its run-up and drops what the run-up tells.
    fn read_part(&self, part: &Part<'_>, published: Published) -> Reading {
        let mut reading = self.read_text(part.whole, published);
        reading.drop_before(part.skipped);
        reading.shift(part.before + part.skipped);
        reading.published = published.to_string();
        reading
    }
}

/// Returns how many threads a text is read on where nobody says.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Makes something of each item on several threads and takes it in order. Thread
/// k of n has the items k, k + n, …; it waits when two of its own are not taken.
fn in_order<I: Sync, T: Send, E>(
    items: &[I],
    threads: usize,
    make: impl Fn(&I) -> T + Sync,
    mut sink: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.iter().try_for_each(|item| sink(make(item)));
    }
    std::thread::scope(|scope| {
        let mut lanes: Vec<Receiver<T>> = Vec::new();
        for lane in 0..threads {
            let (to, from) = sync_channel(1);
            lanes.push(from);
            let make = &make;
            scope.spawn(move || {
                for item in items.iter().skip(lane).step_by(threads) {
                    // Nobody takes it any more: the sink has failed.
                    if to.send(make(item)).is_err() {
                        break;
                    }
                }
            });
        }
        for lane in lanes.iter().cycle().take(items.len()) {
            // A lane that ends early has panicked, which the scope passes on.
            let Ok(made) = lane.recv() else { break };
            sink(made)?;
        }
        Ok(())
    })
}

fn boundary(source: &str, mut at: usize) -> usize {
    while at < source.len() && !source.is_char_boundary(at) {
        at += 1;
    }
    at.min(source.len())
}

/// Where a cut may be at the earliest from `from` on: the line of a heading, else
/// behind a blank line after a sentence that ended, else behind its line. A blank
/// line in mid-sentence is a column's end and no place to cut, unless nothing else
/// is there.
fn cut(source: &str, from: usize, look: usize) -> Option<usize> {
    let window = source.get(from..boundary(source, from + look))?;
    if let Some(heading) = window.find("\n#") {
        return Some(from + heading + 1);
    }
    let (mut ended, mut any) = (None, None);
    for (at, _) in window.match_indices('\n') {
        let line = window.get(..at).unwrap_or("").trim_end_matches('\r');
        let closed = line.ends_with(ENDS);
        let rest = window.get(at + 1..).unwrap_or("");
        let blank = ["\n", "\r\n"].iter().find(|w| rest.starts_with(*w));
        if let Some(blank) = blank {
            let to = from + at + 1 + blank.len();
            if closed {
                return Some(to);
            }
            any.get_or_insert(to);
        } else if closed {
            ended.get_or_insert(from + at + 1);
        }
    }
    ended.or(any)
}

fn parts(source: &str, sizes: Sizes) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let (mut from, mut characters) = (0, 0);
    while let Some(to) = next_cut(source, from, sizes) {
        all.push(part(source, from, to, characters, sizes));
        characters += count(source, from, to);
        from = to;
    }
    all.push(part(source, from, source.len(), characters, sizes));
    all
}

/// Where the part from `from` on ends, if it is not the last.
fn next_cut(source: &str, from: usize, sizes: Sizes) -> Option<usize> {
    if source.len() - from <= sizes.part * 2 {
        return None;
    }
    let mut target = boundary(source, from + sizes.part);
    while target + sizes.part < source.len() {
        if let Some(to) = cut(source, target, sizes.look) {
            return Some(to);
        }
        target = boundary(source, target + sizes.look);
    }
    None
}

fn part(source: &str, from: usize, to: usize, characters: usize, sizes: Sizes) -> Part<'_> {
    let back = boundary(source, from.saturating_sub(sizes.run_up));
    // The run-up begins at a cut of its own; without one there is none.
    let start = if back == 0 {
        0
    } else {
        cut(source, back, sizes.look).map_or(from, |s| s.min(from))
    };
    let skipped = count(source, start, from);
    Part {
        whole: source.get(start..to).unwrap_or(""),
        skipped,
        before: characters - skipped,
    }
}

fn count(source: &str, from: usize, to: usize) -> usize {
    source.get(from..to).map_or(0, |s| s.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;
    use proptest::prelude::*;

    const SMALL: Sizes = Sizes {
        part: 700,
        look: 400,
        run_up: 2400,
    };

    fn day() -> Published {
        "2024-03-02".parse().unwrap()
    }

    fn in_parts(reader: &Reader, text: &str, sizes: Sizes, threads: usize) -> (usize, Reading) {
        let parts = parts(text, sizes);
        let mut all = Reading {
            published: day().to_string(),
            ..Reading::default()
        };
        in_order(
            &parts,
            threads,
            |part| reader.read_part(part, day()),
            |mut one| {
                all.statements.append(&mut one.statements);
                all.others.append(&mut one.others);
                Ok::<(), Infallible>(())
            },
        )
        .unwrap();
        (parts.len(), all)
    }

    /// What stands around a quote may lie in the part before.
    fn bare(mut reading: Reading) -> Reading {
        for s in &mut reading.statements {
            s.prefix.clear();
            s.suffix.clear();
        }
        reading
    }

    /// An article whose people, bodies and times are its own.
    fn article() -> impl Strategy<Value = String> {
        let paragraph = prop::sample::select(vec![
            "沈远说,今年计划新增托位1900个,并将开展分级培训。",
            "同时,还将增加床位60张。截至目前,全市共有96所幼儿园开设\n\n托班,可提供3400个托位。",
            "去年动工改造的有41处、建成27处,更换水泵动工120台,建成86台。",
            "在评价方面,扩大评聘范围。在激励方面,启动表彰评选。",
            "到2025年底,建成 29 所学校,占三分之一。",
            "据介绍,全年供水2.6亿立方米，同比增长3.5%。",
            "Ms Green said 35 schools were built last year.",
        ]);
        let title = prop::sample::select(vec![
            "第三批托班开放",
            "二、2024年主要任务",
            "工作回顾",
            "年内新开工300个小区",
        ]);
        (title, prop::collection::vec(paragraph, 1..5)).prop_map(|(title, paragraphs)| {
            format!(
                "## {title}\n\n市教育局局长沈远介绍,去年全市新增学位35个。\n\n{}\n\n",
                paragraphs.join("\n\n")
            )
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Articles that fit into the run-up read the same wherever they are cut
        /// and on however many threads.
        #[test]
        fn parts_read_as_the_whole(articles in prop::collection::vec(article(), 1..24)) {
            let reader = Reader::new(Vocabulary::default());
            let text = articles.concat();
            let whole = bare(reader.read_text(&text, day()));
            for threads in [1, 2, 5] {
                let (_, read) = in_parts(&reader, &text, SMALL, threads);
                prop_assert_eq!(&bare(read).statements, &whole.statements);
            }
        }

        /// Any text reads the same on any number of threads, and its parts are
        /// the whole of it.
        #[test]
        fn threads_change_nothing(text in "[\\n\\r #，。、0-9一二三年月个所人万占去今将市局长说:%A-Za-z]{0,3000}") {
            let reader = Reader::new(Vocabulary::default());
            let tiny = Sizes { part: 90, look: 40, run_up: 120 };
            let joined: String = parts(&text, tiny)
                .iter()
                .map(|p| p.whole.chars().skip(p.skipped).collect::<String>())
                .collect();
            prop_assert_eq!(&joined, &text);
            let (_, one) = in_parts(&reader, &text, tiny, 1);
            for threads in [2, 3, 7] {
                prop_assert_eq!(&in_parts(&reader, &text, tiny, threads).1, &one);
            }
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let reader = Reader::new(Vocabulary::default());
        let one = "## 托位\n\n市教育局局长沈远介绍,去年全市新增学位35个。\n\n沈远说,今年计划新增托位1900个。\n\n";
        let text = one.repeat(40_000);
        assert!(parts(&text, SIZES).len() >= 3);
        let (count, read) = in_parts(&reader, &text, SIZES, 2);
        assert!(count >= 3);
        assert_eq!(reader.read(&text, day()), read);
        assert_eq!(bare(read), bare(reader.read_text(&text, day())).with_day());
    }

    impl Reading {
        fn with_day(mut self) -> Self {
            self.published = day().to_string();
            self
        }
    }

    #[test]
    fn a_sink_that_fails_ends_it() {
        let items: Vec<usize> = (0..50).collect();
        for threads in [1, 2, 4] {
            let mut seen = Vec::new();
            let told = in_order(
                &items,
                threads,
                |i| i * 2,
                |made| {
                    seen.push(made);
                    if made == 10 { Err("full") } else { Ok(()) }
                },
            );
            assert_eq!(told, Err("full"));
            assert_eq!(seen, [0, 2, 4, 6, 8, 10]);
        }
    }
}
