//! All words of the lists as one tree over characters: the longest word at a
//! place is found in one walk, and most characters of prose begin none.

/// Characters below this have a slot of their own for what they begin.
const TABLE: usize = 0x1_0000;

/// A tree of words; a word's value is its index.
pub(crate) struct Trie {
    /// The node a first character leads to, 0 for none.
    first: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    /// Sorted by character.
    next: Vec<(char, u32)>,
    word: Option<u32>,
}

impl Trie {
    /// Builds the tree; of equal words the first one counts.
    pub(crate) fn new(words: &[String]) -> Self {
        let mut trie = Self {
            first: vec![0; TABLE],
            nodes: vec![Node::default()],
        };
        for (value, word) in words.iter().enumerate() {
            trie.put(word, u32::try_from(value).unwrap_or(u32::MAX));
        }
        trie
    }

    fn put(&mut self, word: &str, value: u32) {
        let mut node = 0usize;
        for (depth, c) in word.chars().enumerate() {
            let known = if depth == 0 {
                // A word that begins beyond the table is never met.
                let Some(slot) = self.first.get(c as usize) else {
                    return;
                };
                (*slot != 0).then_some(*slot)
            } else {
                self.step(node, c)
            };
            node = match known {
                Some(next) => next as usize,
                None => self.grow(depth, node, c),
            };
        }
        if let Some(node) = self.nodes.get_mut(node).filter(|_| node > 0) {
            node.word.get_or_insert(value);
        }
    }

    fn grow(&mut self, depth: usize, node: usize, c: char) -> usize {
        let new = self.nodes.len();
        let index = u32::try_from(new).unwrap_or(0);
        self.nodes.push(Node::default());
        if depth == 0 {
            if let Some(slot) = self.first.get_mut(c as usize) {
                *slot = index;
            }
        } else if let Some(node) = self.nodes.get_mut(node) {
            let at = node.next.partition_point(|(k, _)| *k < c);
            node.next.insert(at, (c, index));
        }
        new
    }

    fn step(&self, node: usize, c: char) -> Option<u32> {
        let next = &self.nodes.get(node)?.next;
        if next.len() <= 8 {
            return next.iter().find(|(k, _)| *k == c).map(|(_, n)| *n);
        }
        let at = next.binary_search_by_key(&c, |(k, _)| *k).ok()?;
        next.get(at).map(|(_, n)| *n)
    }

    /// Returns the longest word that begins at `i`: its end and its value.
    pub(crate) fn longest(&self, chars: &[char], i: usize) -> Option<(usize, usize)> {
        let slot = *self.first.get(*chars.get(i)? as usize)?;
        if slot == 0 {
            return None;
        }
        let (mut node, mut k, mut best) = (slot as usize, i + 1, None);
        loop {
            if let Some(word) = self.nodes.get(node)?.word {
                best = Some((k, word as usize));
            }
            match chars.get(k).and_then(|c| self.step(node, *c)) {
                Some(next) => (node, k) = (next as usize, k + 1),
                None => return best,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_is_found() {
        let words: Vec<String> = ["新开", "新开工", "新", "开工率", "新开", ""]
            .map(str::to_owned)
            .to_vec();
        let trie = Trie::new(&words);
        let chars: Vec<char> = "新开工程开工率新".chars().collect();
        let all: Vec<_> = (0..chars.len()).map(|i| trie.longest(&chars, i)).collect();
        let none = None;
        assert_eq!(
            all,
            [
                Some((3, 1)),
                none,
                none,
                none,
                Some((7, 3)),
                none,
                none,
                Some((8, 2))
            ]
        );
    }
}
