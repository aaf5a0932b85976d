use minsheng_model::Text;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, stable between versions.
    pub id: &'static str,
    /// What it says.
    pub title: Text,
    /// How many things were looked at.
    pub count: u64,
    /// Whether it holds.
    pub ok: bool,
    /// The first thing for which it does not.
    pub offender: Option<Text>,
}

/// What a check of a bundle found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every check made, in order.
    pub checks: Vec<Check>,
    /// What follows when all hold.
    pub proved: Text,
    /// What nobody can know from what was given.
    pub not_proved: Text,
}

impl Report {
    /// Returns whether every check holds.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.checks.iter().all(|c| c.ok)
    }
}

/// The outcome of one check: nothing, or the first offender.
pub(crate) type Found = Option<Text>;

/// Collects checks.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    list: Vec<Check>,
}

impl Checks {
    pub fn add(&mut self, id: &'static str, zh: &str, en: &str, count: usize, offender: Found) {
        let ok = offender.is_none();
        self.list.push(Check {
            id,
            title: Text::new(zh, en),
            count: count as u64,
            ok,
            offender,
        });
    }

    /// Takes over what another checker found.
    pub fn extend(&mut self, more: Vec<Check>) {
        self.list.extend(more);
    }

    /// Returns whether everything so far holds.
    pub fn ok(&self) -> bool {
        self.list.iter().all(|c| c.ok)
    }

    pub fn report(self, proved: Text, not_proved: Text) -> Report {
        Report {
            checks: self.list,
            proved,
            not_proved,
        }
    }
}

/// Returns an offender: the subject and what is wrong with it.
pub(crate) fn offends(subject: &str, zh: &str, en: &str) -> Text {
    Text::new(format!("{subject}:{zh}"), format!("{subject}: {en}"))
}

/// Returns an offender unless what was found is what was expected.
pub(crate) fn differs<T: PartialEq + std::fmt::Display>(
    subject: &str,
    expected: T,
    found: T,
) -> Found {
    if expected == found {
        return None;
    }
    Some(offends(
        subject,
        &format!("应为 {expected},实为 {found}"),
        &format!("expected {expected}, found {found}"),
    ))
}
