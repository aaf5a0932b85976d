//! The people a provider with plain seats holds, with the worst on top.

/// Key and applicant.
pub(crate) type Seated = (u64, u32);

/// Moves the top down to where it belongs, largest first.
pub(crate) fn sift_down(heap: &mut [Seated], from: usize) {
    let mut parent = from;
    loop {
        let left = 2 * parent + 1;
        let larger = match (heap.get(left), heap.get(left + 1)) {
            (Some(l), Some(r)) if r > l => left + 1,
            (Some(_), _) => left,
            _ => break,
        };
        if heap.get(larger) <= heap.get(parent) {
            break;
        }
        heap.swap(parent, larger);
        parent = larger;
    }
}

/// Orders the items as a heap whose largest is first.
pub(crate) fn heapify(heap: &mut [Seated]) {
    for parent in (0..heap.len() / 2).rev() {
        sift_down(heap, parent);
    }
}
