//! Lists of choices as the registers have them.

/// One entry of a list as the registers have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub applicant: u32,
    pub position: u32,
    pub provider: u32,
    /// Its row; absent where a kept seat was not listed.
    pub row: Option<u32>,
    pub kept: bool,
}

/// Puts a kept seat that was not listed behind the list.
pub(crate) fn with_kept(listed: Vec<Listed>, kept: &[Option<u32>]) -> Vec<Listed> {
    let mut all = Vec::with_capacity(listed.len());
    let mut rest = listed.into_iter().peekable();
    for (applicant, kept) in (0u32..).zip(kept) {
        let (mut last, mut there) = (0, kept.is_none());
        while let Some(entry) = rest.next_if(|l| l.applicant == applicant) {
            last = entry.position;
            there |= entry.kept;
            all.push(entry);
        }
        if let (Some(provider), false) = (kept, there) {
            all.push(Listed {
                applicant,
                position: last.saturating_add(1),
                provider: *provider,
                row: None,
                kept: true,
            });
        }
    }
    all
}
