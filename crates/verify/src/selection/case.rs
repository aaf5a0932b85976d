/// A condition as the instance states it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its name, as outcomes give it.
    pub name: String,
    pub least: Option<i64>,
    pub most: Option<i64>,
    pub terms: Vec<(usize, i64)>,
    /// Digits behind the point in the instance's unit.
    pub places: u32,
}

/// What keeps a project in or out beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    Must,
    Never,
    Ineligible(String),
}

/// An instance, read again.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub ids: Vec<String>,
    pub values: Vec<i64>,
    pub places: u32,
    pub gates: Vec<Gate>,
    pub lines: Vec<Line>,
    /// Projects the instance asks to have explained.
    pub explain: Vec<usize>,
    /// The optimum the file states.
    pub stated: Option<i128>,
}

impl Case {
    /// Returns what is fixed before anything is chosen.
    pub fn fixed(&self) -> Vec<Option<bool>> {
        let gates = self.gates.iter();
        gates
            .map(|gate| match gate {
                Gate::Open => None,
                Gate::Must => Some(true),
                Gate::Never | Gate::Ineligible(_) => Some(false),
            })
            .collect()
    }

    /// Returns the largest whole number that divides every value, at least 1.
    pub fn step(&self) -> i128 {
        fn gcd(a: u64, b: u64) -> u64 {
            if b == 0 { a } else { gcd(b, a % b) }
        }
        let all = self.values.iter().map(|v| v.unsigned_abs());
        i128::from(all.fold(0, gcd).max(1))
    }
}
