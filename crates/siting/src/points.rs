//! The nearest of many points.
#![expect(
    clippy::indexing_slicing,
    reason = "positions come from the tree's own halving of its array"
)]

use std::collections::BinaryHeap;

use crate::instance::squared;

/// A k-d tree: points in an order in which each half lies on one side of its middle.
pub(crate) struct PointTree<'a> {
    points: &'a [[i64; 3]],
    order: Vec<u32>,
    axis: Vec<u8>,
}

const LEAF: usize = 8;

impl<'a> PointTree<'a> {
    /// Returns the tree over the points with these indices.
    pub fn new(points: &'a [[i64; 3]], members: Vec<u32>) -> Self {
        let mut tree = Self {
            points,
            axis: vec![0; members.len()],
            order: members,
        };
        tree.split(0, tree.order.len());
        tree
    }

    fn split(&mut self, low: usize, high: usize) {
        if high - low <= LEAF {
            return;
        }
        let points = self.points;
        let part = &mut self.order[low..high];
        let width = |axis: usize| {
            let values = part.iter().map(|p| points[*p as usize][axis]);
            values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
        };
        let axis = (0..3usize).max_by_key(|a| (width(*a), 3 - *a)).unwrap_or(0);
        let middle = (high - low) / 2;
        part.select_nth_unstable_by_key(middle, |p| (points[*p as usize][axis], *p));
        self.axis[low + middle] = u8::try_from(axis).unwrap_or(0);
        self.split(low, low + middle);
        self.split(low + middle + 1, high);
    }

    /// Returns up to `count` nearest points to `from` as (squared distance, index),
    /// ascending.
    pub fn nearest(&self, from: &[i64; 3], count: usize) -> Vec<(u128, u32)> {
        let mut heap = BinaryHeap::with_capacity(count + 1);
        if count > 0 {
            self.look(from, count, 0, self.order.len(), &mut heap);
        }
        heap.into_sorted_vec()
    }

    fn look(
        &self,
        from: &[i64; 3],
        count: usize,
        low: usize,
        high: usize,
        heap: &mut BinaryHeap<(u128, u32)>,
    ) {
        if high - low <= LEAF {
            for index in &self.order[low..high] {
                self.offer(from, count, *index, heap);
            }
            return;
        }
        let middle = low + (high - low) / 2;
        let axis = usize::from(self.axis[middle]);
        let index = self.order[middle];
        let gap = from[axis] - self.points[index as usize][axis];
        let (near, far) = if gap < 0 {
            ((low, middle), (middle + 1, high))
        } else {
            ((middle + 1, high), (low, middle))
        };
        self.look(from, count, near.0, near.1, heap);
        self.offer(from, count, index, heap);
        let across = u128::from(gap.unsigned_abs()).pow(2);
        if heap.len() < count || heap.peek().is_some_and(|(worst, _)| across <= *worst) {
            self.look(from, count, far.0, far.1, heap);
        }
    }

    fn offer(&self, from: &[i64; 3], count: usize, index: u32, heap: &mut BinaryHeap<(u128, u32)>) {
        let own = (squared(from, &self.points[index as usize]), index);
        if heap.len() < count {
            heap.push(own);
        } else if heap.peek().is_some_and(|worst| own < *worst) {
            heap.pop();
            heap.push(own);
        }
    }

    /// Calls `visit` with squared distance and index of every point whose squared
    /// distance is at most `limit`, in the tree's order.
    pub fn within(&self, from: &[i64; 3], limit: u128, visit: &mut impl FnMut(u128, u32)) {
        self.gather(from, limit, 0, self.order.len(), visit);
    }

    fn gather(
        &self,
        from: &[i64; 3],
        limit: u128,
        low: usize,
        high: usize,
        visit: &mut impl FnMut(u128, u32),
    ) {
        let mut offer = |index: u32| {
            let own = squared(from, &self.points[index as usize]);
            if own <= limit {
                visit(own, index);
            }
        };
        if high - low <= LEAF {
            for index in &self.order[low..high] {
                offer(*index);
            }
            return;
        }
        let middle = low + (high - low) / 2;
        let axis = usize::from(self.axis[middle]);
        let index = self.order[middle];
        offer(index);
        let gap = from[axis] - self.points[index as usize][axis];
        let across = u128::from(gap.unsigned_abs()).pow(2) <= limit;
        if gap <= 0 || across {
            self.gather(from, limit, low, middle, visit);
        }
        if gap >= 0 || across {
            self.gather(from, limit, middle + 1, high, visit);
        }
    }
}
