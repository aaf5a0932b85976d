use minsheng_selection::Problem;

/// A row's name and unit beside the solver's row.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub name: String,
    /// Digits behind the point.
    pub places: u32,
}

/// A problem with the names that outcomes use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub ids: Vec<String>,
    pub problem: Problem,
    pub places: u32,
    pub rows: Vec<Named>,
    /// Why a project is out beforehand.
    pub ineligible: Vec<Option<String>>,
    pub explain: Vec<usize>,
    pub effort: Option<u64>,
    /// The optimum the file states, as written.
    pub stated: Option<String>,
}
