use std::path::Path;

use crate::register::RegisterRows;

/// What an auditor of a later round has beside the registers; nothing for the first.
#[derive(Default, Clone, Copy)]
pub struct Earlier<'a> {
    /// The bundle of the round before.
    pub previous: Option<&'a Path>,
    /// The rows of the register of replies that answer it, by key.
    pub replies: Option<&'a dyn RegisterRows>,
}
