use std::ops::Range;

use minsheng_bundle::Contents;
use minsheng_model::{ApplicantRow, ChoiceRow, Publish, Verdict};

/// Where each applicant's list stands among the choices.
#[derive(Debug)]
pub(crate) struct Lists {
    first: Vec<usize>,
}

impl Lists {
    pub fn new(contents: &Contents) -> Self {
        let mut first = Vec::with_capacity(contents.applicants.len() + 1);
        let mut at = 0;
        for index in 0..=contents.applicants.len() {
            while contents
                .choices
                .get(at)
                .is_some_and(|c| (c.applicant as usize) < index)
            {
                at += 1;
            }
            first.push(at);
        }
        Self { first }
    }

    /// Returns the choice rows of an applicant.
    pub fn range(&self, applicant: usize) -> Range<usize> {
        let start = self.first.get(applicant).copied().unwrap_or(0);
        start..self.first.get(applicant + 1).copied().unwrap_or(start)
    }

    /// Returns the choices of an applicant.
    pub fn of<'a>(&self, contents: &'a Contents, applicant: usize) -> &'a [ChoiceRow] {
        contents
            .choices
            .get(self.range(applicant))
            .unwrap_or_default()
    }
}

/// Returns whether the rows are at hand: published, or opened to an auditor.
pub(crate) fn shows_rows(contents: &Contents) -> bool {
    contents.rules.publish == Publish::Rows || !contents.applicants.is_empty()
}

/// Returns whether a choice counts at all: the person is eligible, and so is the
/// choice, or its seat is kept.
pub(crate) fn usable(applicant: &ApplicantRow, choice: &ChoiceRow) -> bool {
    applicant.verdict == Verdict::Eligible && (choice.verdict == Verdict::Eligible || choice.kept)
}

/// Returns how an offender among the choices is named.
pub(crate) fn choice_name(contents: &Contents, choice: &ChoiceRow) -> String {
    let ticket = contents
        .applicants
        .get(choice.applicant as usize)
        .map_or("?", |a| &a.ticket);
    format!("{ticket} #{}", choice.position)
}
