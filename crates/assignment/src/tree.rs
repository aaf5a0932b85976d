//! A rooted tree that is cut and hung elsewhere.
#![expect(
    clippy::indexing_slicing,
    reason = "node ids come from the tree itself and its arrays have one length"
)]

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// Parents, depths and doubly linked lists of children.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub parent: Vec<u32>,
    pub depth: Vec<u32>,
    first: Vec<u32>,
    next: Vec<u32>,
    before: Vec<u32>,
}

impl Tree {
    /// Returns `nodes` nodes that hang nowhere.
    pub fn new(nodes: usize) -> Self {
        Self {
            parent: vec![NONE; nodes],
            depth: vec![0; nodes],
            first: vec![NONE; nodes],
            next: vec![NONE; nodes],
            before: vec![NONE; nodes],
        }
    }

    /// Hangs a node that hangs nowhere under another.
    pub fn link(&mut self, node: u32, parent: u32) {
        let (x, p) = (node as usize, parent as usize);
        let head = self.first[p];
        self.parent[x] = parent;
        self.depth[x] = self.depth[p] + 1;
        self.before[x] = NONE;
        self.next[x] = head;
        if head != NONE {
            self.before[head as usize] = node;
        }
        self.first[p] = node;
    }

    /// Takes a node, with what hangs below it, from its parent.
    pub fn unlink(&mut self, node: u32) {
        let x = node as usize;
        let (before, next, parent) = (self.before[x], self.next[x], self.parent[x]);
        if before == NONE {
            self.first[parent as usize] = next;
        } else {
            self.next[before as usize] = next;
        }
        if next != NONE {
            self.before[next as usize] = before;
        }
        self.parent[x] = NONE;
    }

    /// Returns whether nothing hangs below the node.
    pub fn is_leaf(&self, node: u32) -> bool {
        self.first[node as usize] == NONE
    }

    /// Returns the lowest common ancestor.
    pub fn apex(&self, a: u32, b: u32) -> u32 {
        let (mut a, mut b) = (a, b);
        while a != b {
            if self.depth[a as usize] >= self.depth[b as usize] {
                a = self.parent[a as usize];
            } else {
                b = self.parent[b as usize];
            }
        }
        a
    }

    /// Calls `visit` on every node below and including `top`, parents first, and sets
    /// their depths from their parents'.
    pub fn walk(&mut self, top: u32, mut visit: impl FnMut(usize)) {
        let mut node = top;
        loop {
            let x = node as usize;
            let parent = self.parent[x];
            self.depth[x] = if parent == NONE {
                0
            } else {
                self.depth[parent as usize] + 1
            };
            visit(x);
            if self.first[x] != NONE {
                node = self.first[x];
                continue;
            }
            while node != top && self.next[node as usize] == NONE {
                node = self.parent[node as usize];
            }
            if node == top {
                return;
            }
            node = self.next[node as usize];
        }
    }
}
