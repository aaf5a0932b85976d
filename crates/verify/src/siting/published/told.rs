//! What a published choice of sites says of one demand or one site.

use crate::siting::bound::{cheapest, values};
use crate::siting::case::Pairs;
use crate::siting::replay::SearchPrices;
use crate::siting::years::lower;

use super::{Claim, Published};

/// How many sets of multipliers are asked what a site would cost.
const SETS: usize = 40;

/// What forcing a site in would come to, with everything else chosen anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    /// It cannot be open beside what has to be open.
    Cannot,
    /// The objective would be worse by so much at least.
    Worse(i128),
    /// No amount is proved.
    Unknown,
}

/// What a site serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Served {
    /// How many demands.
    pub places: usize,
    /// How many units.
    pub units: i128,
}

impl Published {
    /// Returns a site by name.
    #[must_use]
    pub fn site(&self, id: &str) -> Option<usize> {
        self.read.sites.iter().position(|s| s == id)
    }

    /// Returns a demand by name.
    #[must_use]
    pub fn demand(&self, id: &str) -> Option<usize> {
        self.read.demands.iter().position(|d| d == id)
    }

    /// Returns whether the site was open from the beginning.
    #[must_use]
    pub fn was_open(&self, site: usize) -> bool {
        self.read.case.must_open.get(site) == Some(&true)
    }

    /// Returns whether the site is open in the plan, by the end of the last year.
    #[must_use]
    pub fn is_open(&self, site: usize) -> bool {
        self.open.get(site) == Some(&true)
    }

    /// Returns the year in which the site is opened.
    #[must_use]
    pub fn year(&self, site: usize) -> Option<&str> {
        let Claim::Years(claim) = &self.claim else {
            return None;
        };
        let t = claim.opened.as_ref()?.get(site).copied().flatten()?;
        let own = self.read.years.get(t)?;
        (!self.was_open(site)).then_some(own.as_str())
    }

    /// Returns the sites that serve the demand in the end, with units.
    #[must_use]
    pub fn served_by(&self, demand: usize) -> Vec<(usize, i64)> {
        match &self.claim {
            Claim::Once(claim) => {
                let flow = claim.plan.iter().flat_map(|p| &p.flow);
                flow.filter(|(d, _, _)| *d == demand)
                    .map(|(_, site, units)| (*site, *units))
                    .collect()
            }
            Claim::Years(claim) => {
                let last = claim.served.last().and_then(|s| s.get(demand));
                let units = self.read.case.amount.get(demand).copied();
                let site = last.copied().flatten();
                site.zip(units).into_iter().collect()
            }
        }
    }

    /// Returns what a site serves in the end.
    #[must_use]
    pub fn serves(&self, site: usize) -> Served {
        let mut own = Served::default();
        let mut add = |units: i64| {
            own.places += 1;
            own.units += i128::from(units);
        };
        match &self.claim {
            Claim::Once(claim) => {
                let flow = claim.plan.iter().flat_map(|p| &p.flow);
                flow.filter(|(_, s, _)| *s == site)
                    .for_each(|(_, _, units)| add(*units));
            }
            Claim::Years(claim) => {
                let last = claim.served.last().into_iter().flatten();
                last.zip(&self.read.case.amount)
                    .filter(|(s, _)| **s == Some(site))
                    .for_each(|(_, units)| add(*units));
            }
        }
        own
    }

    /// Returns the demands within reach of a site, and of these those that no open site
    /// reaches in the end.
    #[must_use]
    pub fn within(&self, site: usize) -> (Served, Served) {
        let (mut all, mut lacking) = (Served::default(), Served::default());
        let pairs = Pairs::new(&self.read.case);
        for (demand, units) in self.read.weight.iter().enumerate() {
            if pairs.cost(demand, site).is_none() {
                continue;
            }
            let mut reached = false;
            pairs.each(demand, None, &mut |own, _| reached |= self.is_open(own));
            let units = i128::from(*units);
            all.places += 1;
            all.units += units;
            if !reached {
                lacking.places += 1;
                lacking.units += units;
            }
        }
        (all, lacking)
    }

    /// Returns what every plan with this site costs more than the published one, at the
    /// least: from the certificate's multipliers alone. The objective of a cover counts
    /// what is within reach, so that there it is how much less.
    #[must_use]
    pub fn forced(&self, site: usize) -> Forced {
        let case = &self.read.case;
        if case.must_close.get(site) == Some(&true) || self.beside_open(site) {
            return Forced::Cannot;
        }
        let worse = |least: i128, objective: i128| match least - objective {
            more if more > 0 => Forced::Worse(more),
            _ => Forced::Unknown,
        };
        match (&self.claim, &self.read.staged) {
            (Claim::Years(claim), Some(staged)) => {
                match (lower(staged, &claim.prices, Some(site)), claim.objective) {
                    (Ok(least), Some(objective)) => worse(least, objective),
                    _ => Forced::Unknown,
                }
            }
            (Claim::Once(claim), None) if self.read.model != "p-center" => {
                let Some(objective) = claim.plan.as_ref().map(|p| p.objective) else {
                    return Forced::Unknown;
                };
                // Every set of multipliers gives a bound; the best of them is told.
                let tree = &claim.tree;
                let mut best = Forced::Unknown;
                for prices in tree.prices.iter().take(SETS) {
                    match (self.bound_with(site, tree.scale, prices, objective), best) {
                        (Forced::Cannot, _) => return Forced::Cannot,
                        (Forced::Worse(more), Forced::Worse(had)) if more <= had => {}
                        (Forced::Worse(more), _) => best = Forced::Worse(more),
                        (Forced::Unknown, _) => {}
                    }
                }
                best
            }
            _ => Forced::Unknown,
        }
    }

    /// Whether a site that has to be open stands too near.
    fn beside_open(&self, site: usize) -> bool {
        let near = self.read.case.apart.iter().filter_map(|(a, b)| {
            let other = if *a == site { Some(*b) } else { None };
            other.or((*b == site).then_some(*a))
        });
        near.into_iter().any(|other| self.was_open(other))
    }

    fn bound_with(
        &self,
        site: usize,
        scale: i64,
        prices: &SearchPrices,
        objective: i128,
    ) -> Forced {
        let case = &self.read.case;
        let pairs = Pairs::new(case);
        let Ok(all) = values(case, &pairs, scale, prices) else {
            return Forced::Unknown;
        };
        let states = case.must_open.iter().zip(&case.must_close).enumerate();
        let forced: Vec<Option<bool>> = states
            .map(|(own, state)| match state {
                _ if own == site => Some(true),
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            })
            .collect();
        let Some(least) = cheapest(case, &all.site, &forced) else {
            return Forced::Cannot;
        };
        let Some(sum) = all.constant.checked_add(least) else {
            return Forced::Unknown;
        };
        match -(-sum).div_euclid(i128::from(scale)) - objective {
            more if more > 0 => Forced::Worse(more),
            _ => Forced::Unknown,
        }
    }
}
