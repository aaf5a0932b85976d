//! The network simplex on strongly feasible trees.
#![expect(
    clippy::indexing_slicing,
    reason = "arc and node ids are made here or checked before; every array has one entry for each"
)]

use crate::UNLIMITED;
use crate::error::AssignmentError;
use crate::network::Network;
use crate::number::Number;
use crate::tree::Tree;

/// How a run ended.
pub(crate) enum End {
    Optimal,
    /// Arcs round a cycle of negative cost without a limit.
    Unbounded(Vec<u32>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Lower,
    Upper,
    Tree,
}

/// The arcs, then one artificial arc for each node, to or from the root.
pub(crate) struct Simplex<P> {
    from: Vec<u32>,
    to: Vec<u32>,
    room: Vec<i64>,
    cost: Vec<P>,
    flow: Vec<i64>,
    at: Vec<At>,
    potential: Vec<P>,
    tree: Tree,
    /// The arc between a node and its parent.
    joint: Vec<u32>,
    arcs: usize,
    /// Where the search for an entering arc goes on.
    cursor: usize,
}

impl<P: Number> Simplex<P> {
    /// Returns the start: everything goes over the artificial arcs, at `big` a unit.
    pub fn new(network: &Network, excess: &[i64], cost: &[i64], big: P) -> Self {
        let (arcs, nodes) = (cost.len(), excess.len());
        let root = u32::try_from(nodes).unwrap_or(u32::MAX);
        let mut simplex = Self {
            from: network.from.clone(),
            to: network.to.clone(),
            room: network.room(),
            cost: cost.iter().map(|c| P::from(*c)).collect(),
            flow: vec![0; arcs],
            at: vec![At::Lower; arcs],
            potential: vec![P::ZERO; nodes + 1],
            tree: Tree::new(nodes + 1),
            joint: vec![0; nodes + 1],
            arcs,
            cursor: 0,
        };
        for (node, excess) in (0u32..).zip(excess) {
            let x = node as usize;
            // A node without supply points to the root, which keeps the tree strong.
            let (from, to, potential) = if *excess >= 0 {
                (node, root, -big)
            } else {
                (root, node, big)
            };
            simplex.joint[x] = u32::try_from(simplex.from.len()).unwrap_or(u32::MAX);
            simplex.from.push(from);
            simplex.to.push(to);
            simplex.room.push(UNLIMITED);
            simplex.cost.push(big);
            simplex.flow.push(excess.abs());
            simplex.at.push(At::Tree);
            simplex.potential[x] = potential;
            simplex.tree.link(node, root);
        }
        simplex
    }

    /// Pivots until no arc improves.
    pub fn run(&mut self) -> Result<End, AssignmentError> {
        while let Some(arc) = self.entering() {
            if let Some(cycle) = self.pivot(arc)? {
                return Ok(End::Unbounded(cycle));
            }
        }
        Ok(End::Optimal)
    }

    /// Returns whether nothing is left on the artificial arcs.
    pub fn is_feasible(&self) -> bool {
        self.flow[self.arcs..].iter().all(|f| *f == 0)
    }

    /// Returns the flows above the lower bounds.
    pub fn flows(&self) -> &[i64] {
        &self.flow[..self.arcs]
    }

    /// Returns the nodes' potentials.
    pub fn potentials(&self) -> Vec<i128> {
        let nodes = self.potential.len() - 1;
        let base: i128 = self.potential.first().map_or(0, |p| (*p).into());
        self.potential[..nodes]
            .iter()
            .map(|p| (*p).into() - base)
            .collect()
    }

    /// Returns the nodes on the side that cannot give away its supply.
    pub fn source_side(&self) -> Vec<u32> {
        let nodes = self.potential.len() - 1;
        (0u32..)
            .zip(&self.potential[..nodes])
            .filter(|(_, p)| **p < P::ZERO)
            .map(|(node, _)| node)
            .collect()
    }

    fn reduced(&self, arc: usize) -> P {
        self.cost[arc] + self.potential[self.from[arc] as usize]
            - self.potential[self.to[arc] as usize]
    }

    /// Returns the best arc of the first block that has an improving one.
    fn entering(&mut self) -> Option<usize> {
        let all = self.arcs;
        let block = all.isqrt().max(32);
        let (mut best, mut worst) = (None, P::ZERO);
        let mut left = block;
        for _ in 0..all {
            let arc = self.cursor;
            self.cursor = if arc + 1 == all { 0 } else { arc + 1 };
            let gain = match self.at[arc] {
                At::Lower => self.reduced(arc),
                At::Upper => -self.reduced(arc),
                At::Tree => P::ZERO,
            };
            if gain < worst {
                (best, worst) = (Some(arc), gain);
            }
            left -= 1;
            if left == 0 {
                if best.is_some() {
                    return best;
                }
                left = block;
            }
        }
        best
    }

    /// Returns whether the arc to the parent leaves the node.
    fn points_up(&self, node: usize) -> bool {
        self.from[self.joint[node] as usize] as usize == node
    }

    /// Returns how much more can go from the node to its parent, or back.
    fn slack(&self, node: usize, up: bool) -> i64 {
        let arc = self.joint[node] as usize;
        if self.points_up(node) != up {
            self.flow[arc]
        } else if self.room[arc] == UNLIMITED {
            UNLIMITED
        } else {
            self.room[arc] - self.flow[arc]
        }
    }

    /// Sends flow round the cycle that the arc closes; returns the cycle if it never
    /// ends.
    fn pivot(&mut self, arc: usize) -> Result<Option<Vec<u32>>, AssignmentError> {
        let forward = self.at[arc] == At::Lower;
        // The flow goes tail -> head over the entering arc.
        let (tail, head) = if forward {
            (self.from[arc], self.to[arc])
        } else {
            (self.to[arc], self.from[arc])
        };
        let apex = self.tree.apex(tail, head);
        // The last blocking arc of the cycle, counted from the apex along the flow,
        // leaves: so no zero flow ever points away from the root.
        let mut delta = self.room[arc];
        let mut leaving = None;
        let mut node = tail;
        while node != apex {
            let slack = self.slack(node as usize, false);
            if slack < delta {
                (delta, leaving) = (slack, Some((node, true)));
            }
            node = self.tree.parent[node as usize];
        }
        node = head;
        while node != apex {
            let slack = self.slack(node as usize, true);
            if slack <= delta && slack != UNLIMITED {
                (delta, leaving) = (slack, Some((node, false)));
            }
            node = self.tree.parent[node as usize];
        }
        if delta == UNLIMITED {
            return Ok(Some(self.cycle(arc, tail, head, apex)));
        }
        self.send(arc, forward, delta)?;
        for (end, up) in [(tail, false), (head, true)] {
            let mut node = end;
            while node != apex {
                let joint = self.joint[node as usize] as usize;
                self.send(joint, self.points_up(node as usize) == up, delta)?;
                node = self.tree.parent[node as usize];
            }
        }
        match leaving {
            None => self.at[arc] = if forward { At::Upper } else { At::Lower },
            Some((out, tail_side)) => {
                let (inner, outer) = if tail_side {
                    (tail, head)
                } else {
                    (head, tail)
                };
                self.exchange(arc, inner, outer, out);
            }
        }
        Ok(None)
    }

    fn send(&mut self, arc: usize, along: bool, delta: i64) -> Result<(), AssignmentError> {
        let flow = self.flow[arc];
        let sum = if along {
            flow.checked_add(delta)
        } else {
            flow.checked_sub(delta)
        };
        self.flow[arc] = sum.ok_or(AssignmentError::Overflow("flows"))?;
        Ok(())
    }

    /// Hangs the part below `out` to `outer` by the arc, at `inner`.
    fn exchange(&mut self, arc: usize, inner: u32, outer: u32, out: u32) {
        let change = self.reduced(arc);
        // Make the arc's reduced cost nothing by moving the inner part.
        let shift = if self.from[arc] == inner {
            -change
        } else {
            change
        };
        let old = self.joint[out as usize] as usize;
        self.at[old] = if self.flow[old] == 0 {
            At::Lower
        } else {
            At::Upper
        };
        self.at[arc] = At::Tree;
        let (mut node, mut parent) = (inner, outer);
        let mut joint = u32::try_from(arc).unwrap_or(u32::MAX);
        loop {
            let (above, was) = (self.tree.parent[node as usize], self.joint[node as usize]);
            self.tree.unlink(node);
            self.tree.link(node, parent);
            self.joint[node as usize] = joint;
            if node == out {
                break;
            }
            (parent, joint, node) = (node, was, above);
        }
        let potential = &mut self.potential;
        self.tree
            .walk(inner, |x| potential[x] = potential[x] + shift);
    }

    /// Returns the arcs of the cycle, from the entering arc on along the flow.
    fn cycle(&self, arc: usize, tail: u32, head: u32, apex: u32) -> Vec<u32> {
        let path = |end: u32| {
            let mut arcs = Vec::new();
            let mut node = end;
            while node != apex {
                arcs.push(self.joint[node as usize]);
                node = self.tree.parent[node as usize];
            }
            arcs
        };
        let mut cycle = vec![u32::try_from(arc).unwrap_or(u32::MAX)];
        cycle.extend(path(head));
        cycle.extend(path(tail).iter().rev());
        cycle
    }
}
