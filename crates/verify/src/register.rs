use minsheng_model::{Scope, Value};
use minsheng_spec::expr::Row;

/// A frozen register as the auditor reads it: its rows by key.
pub trait RegisterRows: Sync {
    /// Returns how many rows it has.
    fn len(&self) -> usize;
    /// Returns whether it has none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Returns a value; the column is counted as in the rules' table.
    fn value(&self, row: usize, column: usize) -> Option<Value>;
    /// Returns the hex SHA-256 of its canonical CSV.
    fn sha256(&self) -> &str;
}

/// One row of each register that an expression sees; those not in scope are absent.
pub(crate) struct Joined<'a> {
    pub registers: [&'a dyn RegisterRows; 3],
    pub applicant: Option<usize>,
    pub provider: Option<usize>,
    pub choice: Option<usize>,
}

impl Row for Joined<'_> {
    fn value(&self, table: Scope, column: usize) -> Option<Value> {
        let [applicants, providers, choices] = self.registers;
        match table {
            Scope::Applicant => applicants.value(self.applicant?, column),
            Scope::Provider => providers.value(self.provider?, column),
            Scope::Choice => choices.value(self.choice?, column),
        }
    }
}
