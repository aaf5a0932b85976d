//! Members of one family.

use super::view::{Got, View};

/// Returns the families (each a list of applicants) that are neither all at one
/// site nor all without a place.
#[must_use]
pub fn apart<K: Ord + Copy>(
    view: &View<'_, K>,
    families: &[Vec<u32>],
    site: &[u32],
    got: &Got,
) -> Vec<usize> {
    let together = |family: &Vec<u32>| {
        let mut sites = family.iter().map(|member| {
            let entry = view.entry(got, *member as usize)?;
            site.get(view.provider(entry)).copied()
        });
        let first = sites.next().flatten();
        sites.all(|site| site == first)
    };
    let pairs = families.iter().enumerate();
    pairs
        .filter(|(_, f)| !together(f))
        .map(|(i, _)| i)
        .collect()
}

/// Returns how many families with at least two members placed have them at more
/// than one site.
#[must_use]
pub fn divided_sites<K: Ord + Copy>(
    view: &View<'_, K>,
    families: &[Vec<u32>],
    site: &[u32],
    got: &Got,
) -> usize {
    let divided = |family: &&Vec<u32>| {
        let sites: Vec<u32> = family
            .iter()
            .filter_map(|m| {
                site.get(view.provider(view.entry(got, *m as usize)?))
                    .copied()
            })
            .collect();
        sites.iter().any(|s| Some(s) != sites.first())
    };
    families.iter().filter(divided).count()
}
