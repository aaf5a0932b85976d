//! Why a combination of conditions does not hold, way by way.

use minsheng_model::{Clause, Combine, Rules, Verdict};

use crate::Lang;
use crate::reasons::{State, citation, sentence, state};
use crate::words::Words;

/// The conditions of one scope and what masks say of them.
pub(crate) struct Ways<'a> {
    pub rules: &'a Rules,
    pub clauses: Vec<&'a Clause>,
    pub holds: u32,
    pub unknown: u32,
    pub words: &'a Words,
}

impl Ways<'_> {
    fn verdict(&self, combine: &Combine) -> Verdict {
        // Of three answers `All` takes the worst and `Any` the best.
        let rank = |v: &Verdict| match v {
            Verdict::NotEligible => 0,
            Verdict::Undetermined => 1,
            Verdict::Eligible => 2,
        };
        let parts =
            |list: &[Combine]| -> Vec<Verdict> { list.iter().map(|p| self.verdict(p)).collect() };
        match combine {
            Combine::Clause(bit) => match state(*bit, self.holds, self.unknown) {
                State::Met => Verdict::Eligible,
                State::Unknown => Verdict::Undetermined,
                State::Failed => Verdict::NotEligible,
            },
            Combine::All(list) => {
                let worst = parts(list).into_iter().min_by_key(rank);
                worst.unwrap_or(Verdict::Eligible)
            }
            Combine::Any(list) => {
                let best = parts(list).into_iter().max_by_key(rank);
                best.unwrap_or(Verdict::NotEligible)
            }
        }
    }

    fn clause(&self, bit: usize) -> String {
        let found = state(bit, self.holds, self.unknown);
        self.clauses.get(bit).map_or_else(String::new, |clause| {
            let cite = citation(self.rules, &clause.cite, self.words);
            format!("{}{cite}", sentence(clause, found, self.words))
        })
    }

    /// Returns lines that say what is missing of a combination that does not hold:
    /// every part that fails, and of alternatives each one, numbered. Where papers
    /// would do, only what they could change is said.
    pub fn lines(&self, combine: &Combine) -> Vec<String> {
        let own = self.verdict(combine);
        match combine {
            _ if own == Verdict::Eligible => Vec::new(),
            Combine::Clause(bit) => vec![self.clause(*bit)],
            Combine::All(list) => list.iter().flat_map(|p| self.lines(p)).collect(),
            Combine::Any(list) => {
                let open = list.iter().filter(|p| self.verdict(p) == own);
                let mut ways: Vec<Vec<String>> = open.map(|p| self.lines(p)).collect();
                if ways.len() == 1 {
                    return ways.pop().unwrap_or_default();
                }
                let head = match own {
                    Verdict::Undetermined => self.words.pick(
                        "补齐下列任何一项材料即可:",
                        "any one of these would settle it:",
                    ),
                    _ => self.words.pick(
                        "下列途径须有一条成立,但都不成立:",
                        "one of these ways would have to be open, and none is:",
                    ),
                };
                let mut lines = vec![head.to_owned()];
                let join = match self.words.lang() {
                    Lang::Zh => ";",
                    Lang::En => "; ",
                };
                let numbered = ways.into_iter().zip(1..);
                lines.extend(numbered.map(|(way, n)| format!("  ({n}) {}", way.join(join))));
                lines
            }
        }
    }
}
