//! Each demand's nearest sites.
#![expect(
    clippy::indexing_slicing,
    reason = "offsets are made here; demands and sites were checked"
)]

use crate::instance::{FORBIDDEN, Instance, Metric, Points, State};
use crate::points::PointTree;

/// Lists of (site, cost of a unit), ascending by cost and then site, one for each
/// demand, without the sites that are closed.
#[derive(Clone)]
pub(crate) struct Near {
    pub first: Vec<usize>,
    pub site: Vec<u32>,
    pub cost: Vec<i64>,
    /// For each demand the largest multiplier that its list still prices rightly or
    /// that can be of use.
    pub clip: Vec<i64>,
    /// For each demand whether its list is shorter than what it can reach.
    pub cut: Vec<bool>,
}

/// The most pairs kept.
const PAIRS: usize = 12_000_000;

impl Near {
    /// Returns the lists; each as long as memory allows and the model needs.
    pub fn new(instance: &Instance) -> Self {
        let (n, m) = (instance.demands(), instance.sites());
        let open = usize::try_from(instance.count.1)
            .unwrap_or(m)
            .clamp(1, m.max(1));
        // A multiplier reaches about as far as the second nearest open site.
        let need = if matches!(instance.metric, Metric::Points(_)) && instance.capacity.is_none() {
            (8 * m / open).max(48)
        } else {
            m
        };
        let length = need.min(PAIRS / n.max(1)).max(16).min(m);
        let mut near = Self {
            first: vec![0],
            site: Vec::new(),
            cost: Vec::new(),
            clip: Vec::with_capacity(n),
            cut: Vec::with_capacity(n),
        };
        let most = instance.fixed.iter().max().copied().unwrap_or(0);
        let tree = match &instance.metric {
            Metric::Points(points) => Some(tree(instance, points)),
            _ => None,
        };
        let mut row = Vec::new();
        for demand in 0..n {
            row.clear();
            near.row(instance, tree.as_ref(), demand, length, &mut row);
            let cut = row.len() > length;
            row.truncate(length);
            let last = row.last().map_or(0, |(cost, _)| *cost);
            let mut clip = if cut {
                last
            } else if instance.capacity.is_some() {
                last.saturating_mul(4)
                    .saturating_add(most)
                    .saturating_add(1)
            } else {
                let share = most / instance.amount[demand].max(1);
                last.saturating_add(share).saturating_add(1)
            };
            if let Some(penalty) = &instance.penalty {
                // With the whole list at hand, everything up to the penalty is priced.
                clip = if cut {
                    clip.min(penalty[demand])
                } else {
                    penalty[demand]
                };
            }
            near.clip.push(clip);
            near.cut.push(cut);
            near.site.extend(row.iter().map(|(_, site)| *site));
            near.cost.extend(row.iter().map(|(cost, _)| *cost));
            near.first.push(near.site.len());
        }
        near
    }

    /// Writes a demand's sites, ascending; one more than `length` when there are more.
    fn row(
        &self,
        instance: &Instance,
        tree: Option<&PointTree<'_>>,
        demand: usize,
        length: usize,
        row: &mut Vec<(i64, u32)>,
    ) {
        let within = |cost: i64| cost != FORBIDDEN && instance.reach.is_none_or(|r| cost <= r);
        let usable = |site: usize| instance.state[site] != State::Closed;
        let m = instance.sites();
        match (&instance.metric, tree) {
            (Metric::Points(points), Some(tree)) => {
                for (squared, site) in tree.nearest(&points.demand[demand], length + 1) {
                    let cost = points.measure.of(squared);
                    if within(cost) {
                        row.push((cost, site));
                    }
                }
            }
            (Metric::Dense(cost), _) => {
                for (site, cost) in (0u32..).zip(&cost[demand * m..(demand + 1) * m]) {
                    if within(*cost) && usable(site as usize) {
                        row.push((*cost, site));
                    }
                }
            }
            (Metric::Sparse { first, site, cost }, _) => {
                let range = first[demand]..first[demand + 1];
                for (site, cost) in site[range.clone()].iter().zip(&cost[range]) {
                    if within(*cost) && usable(*site as usize) {
                        row.push((*cost, *site));
                    }
                }
            }
            (Metric::Points(_), None) => {}
        }
        row.sort_unstable();
    }

    /// Returns the largest cost of a demand at any site.
    pub fn cost_of_all(&self, instance: &Instance, demand: usize) -> i64 {
        let all = (0..instance.sites()).filter_map(|s| instance.cost(demand, s));
        all.max().unwrap_or(0)
    }

    /// Returns the lists without the sites for which `keep` is false.
    pub fn only(&self, keep: impl Fn(u32) -> bool) -> Self {
        let mut near = Self {
            first: vec![0],
            site: Vec::new(),
            cost: Vec::new(),
            clip: self.clip.clone(),
            cut: self.cut.clone(),
        };
        for demand in 0..self.clip.len() {
            for at in self.first[demand]..self.first[demand + 1] {
                if keep(self.site[at]) {
                    near.site.push(self.site[at]);
                    near.cost.push(self.cost[at]);
                }
            }
            near.first.push(near.site.len());
        }
        near
    }

    /// Returns a demand's list.
    pub fn of(&self, demand: usize) -> impl Iterator<Item = (u32, i64)> + '_ {
        let range = self.first[demand]..self.first[demand + 1];
        let sites = self.site[range.clone()].iter().copied();
        sites.zip(self.cost[range].iter().copied())
    }

    /// Returns the lists turned round: for each site (demand, cost).
    pub fn reversed(&self, sites: usize) -> (Vec<usize>, Vec<(u32, i64)>) {
        let mut first = vec![0usize; sites + 1];
        for site in &self.site {
            first[*site as usize + 1] += 1;
        }
        for site in 0..sites {
            first[site + 1] += first[site];
        }
        let mut at = first.clone();
        let mut pairs = vec![(0u32, 0i64); self.site.len()];
        for demand in 0..self.clip.len() {
            for (site, cost) in self.of(demand) {
                let slot = &mut at[site as usize];
                pairs[*slot] = (u32::try_from(demand).unwrap_or(u32::MAX), cost);
                *slot += 1;
            }
        }
        (first, pairs)
    }
}

fn tree<'a>(instance: &Instance, points: &'a Points) -> PointTree<'a> {
    let members = (0u32..)
        .zip(&instance.state)
        .filter(|(_, s)| **s != State::Closed)
        .map(|(site, _)| site)
        .collect();
    PointTree::new(&points.site, members)
}
