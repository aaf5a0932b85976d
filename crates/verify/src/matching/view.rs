use minsheng_model::Door;
use minsheng_spec::market::Seats;

/// The groups of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Groups {
    /// A seat is kept.
    pub kept: bool,
    /// Bit `i`: a member of the `i`-th reserve.
    pub reserves: u16,
    /// Bit `i`: under the `i`-th ceiling.
    pub ceilings: u16,
}

/// For each applicant the entry of the own list, counted from 0, and the way in.
pub type Got = [Option<(u32, Door)>];

/// A market to check: lists cut by offsets, the most wanted entry first.
///
/// `K` is any key of which the smaller comes first and which is unique at a
/// provider: a packed number, or tier, score and place in the draw.
#[derive(Debug, Clone, Copy)]
pub struct View<'a, K> {
    /// Offsets into the entries, one more than there are applicants.
    pub first: &'a [u32],
    /// The provider of each entry.
    pub provider: &'a [u32],
    /// The key of each entry.
    pub key: &'a [K],
    /// The groups of each entry; empty when nobody is in any.
    pub groups: &'a [Groups],
    /// One per provider.
    pub seats: &'a [Seats],
}

impl<K: Ord + Copy> View<'_, K> {
    /// Returns how many applicants there are.
    #[must_use]
    pub fn applicants(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// Returns an applicant's entries.
    pub(crate) fn list(&self, applicant: usize) -> std::ops::Range<u32> {
        match (self.first.get(applicant), self.first.get(applicant + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    /// Returns the absolute entry that an applicant has, if it is on the own list.
    pub(crate) fn entry(&self, got: &Got, applicant: usize) -> Option<u32> {
        let (entry, _) = got.get(applicant).copied().flatten()?;
        let list = self.list(applicant);
        let entry = list.start.checked_add(entry)?;
        list.contains(&entry).then_some(entry)
    }

    /// Returns the entries liked better than what an applicant has.
    pub(crate) fn better(&self, got: &Got, applicant: usize) -> std::ops::Range<u32> {
        let list = self.list(applicant);
        list.start..self.entry(got, applicant).unwrap_or(list.end)
    }

    pub(crate) fn provider(&self, entry: u32) -> usize {
        self.provider
            .get(entry as usize)
            .map_or(usize::MAX, |p| *p as usize)
    }

    pub(crate) fn key(&self, entry: u32) -> Option<K> {
        self.key.get(entry as usize).copied()
    }

    pub(crate) fn groups(&self, entry: u32) -> Groups {
        self.groups.get(entry as usize).copied().unwrap_or_default()
    }

    /// Returns the people of every provider.
    pub(crate) fn people(&self, got: &Got) -> People<K> {
        let mut people: Vec<(usize, Person<K>)> = (0..self.applicants())
            .filter_map(|applicant| {
                let entry = self.entry(got, applicant)?;
                let person = Person {
                    key: self.key(entry)?,
                    applicant: u32::try_from(applicant).ok()?,
                    groups: self.groups(entry),
                };
                Some((self.provider(entry), person))
            })
            .collect();
        people.sort_unstable_by_key(|(provider, person)| (*provider, person.key));
        let mut first = vec![0; self.seats.len() + 1];
        for (provider, _) in &people {
            if let Some(count) = first.get_mut(provider + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let people = people.into_iter().map(|(_, person)| person).collect();
        People { first, people }
    }
}

/// Somebody at a provider, or who wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person<K> {
    pub key: K,
    pub applicant: u32,
    pub groups: Groups,
}

/// Everybody placed, by provider and key.
pub(crate) struct People<K> {
    first: Vec<usize>,
    people: Vec<Person<K>>,
}

impl<K> People<K> {
    pub fn of(&self, provider: usize) -> &[Person<K>] {
        match (self.first.get(provider), self.first.get(provider + 1)) {
            (Some(start), Some(end)) => self.people.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }
}
