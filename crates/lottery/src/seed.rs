use hkdf::Hkdf;
use sha2::Sha256;

/// What is announced before the draw: which draw it is and which public numbers
/// decide it.
#[derive(Debug, Clone, Copy)]
pub struct Announcement<'a> {
    /// The programme's short name.
    pub programme: &'a str,
    /// The cycle's short name.
    pub cycle: &'a str,
    /// The draw's own name: a second draw needs a second name.
    pub draw: &'a str,
    /// For each source its numbers, and whether their order means nothing.
    pub sources: &'a [(Vec<u64>, bool)],
}

/// Returns the numbers of all sources as RFC 3797, section 4, writes them: each
/// number and a point, each source and a slash; unordered sources by size.
#[must_use]
pub fn canonical(sources: &[(Vec<u64>, bool)]) -> String {
    let mut text = String::new();
    for (values, sorted) in sources {
        let mut values = values.clone();
        if *sorted {
            values.sort_unstable();
        }
        for value in values {
            text.push_str(&value.to_string());
            text.push('.');
        }
        text.push('/');
    }
    text
}

/// Returns the seed: HMAC-SHA-256 keyed with the pool's root over the announcement
/// (HKDF-Extract of RFC 5869).
#[must_use]
pub fn seed(root: &[u8; 32], announcement: &Announcement<'_>) -> [u8; 32] {
    let message = format!(
        "minsheng draw 1\n{}\n{}\n{}\n{}",
        announcement.programme,
        announcement.cycle,
        announcement.draw,
        canonical(announcement.sources)
    );
    let (prk, _) = Hkdf::<Sha256>::extract(Some(root), message.as_bytes());
    prk.into()
}

/// Returns the 32-byte number of a label (HKDF-Expand of RFC 5869).
#[must_use]
pub fn number(seed: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let mut number = [0u8; 32];
    // Both steps fail only for wrong lengths; 32 bytes are right for both.
    if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(seed) {
        let _ = hkdf.expand(label, &mut number);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_is_the_rfcs() {
        let sources = [
            (vec![9319], false),
            (vec![2, 5, 12, 8, 10], true),
            (vec![9, 18, 26, 34, 41, 45], true),
        ];
        assert_eq!(canonical(&sources), "9319./2.5.8.10.12./9.18.26.34.41.45./");
    }

    #[test]
    fn every_part_of_the_announcement_counts() {
        let sources = [(vec![1, 2], false)];
        let base = Announcement {
            programme: "p",
            cycle: "c",
            draw: "d",
            sources: &sources,
        };
        let root = [7u8; 32];
        let first = seed(&root, &base);
        assert_ne!(first, seed(&[8u8; 32], &base));
        assert_ne!(
            first,
            seed(
                &root,
                &Announcement {
                    programme: "q",
                    ..base
                }
            )
        );
        assert_ne!(first, seed(&root, &Announcement { cycle: "q", ..base }));
        assert_ne!(first, seed(&root, &Announcement { draw: "q", ..base }));
        let other = [(vec![2, 1], false)];
        assert_ne!(
            first,
            seed(
                &root,
                &Announcement {
                    sources: &other,
                    ..base
                }
            )
        );
    }

    #[test]
    fn number_is_one_hmac_over_label_and_one() {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let seed = [3u8; 32];
        let mut mac = Hmac::<Sha256>::new_from_slice(&seed).unwrap();
        mac.update(b"T-1\x01");
        let expected: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(number(&seed, b"T-1"), expected);
    }
}
