//! English prose, with the same schema.
use crate::layout::Block;
use crate::people::People;
use crate::published::Published;
use crate::reading::{Reader, Reading};

/// Returns whether a block is English: Latin letters and hardly a Chinese one.
pub(crate) fn is_english(chars: &[char]) -> bool {
    let han = chars.iter().filter(|c| crate::chars::han(**c)).count();
    let latin = chars.iter().filter(|c| c.is_ascii_alphabetic()).count();
    latin > 10 && han * 20 < latin
}

pub(crate) fn read(_: &Reader, _: &Block, _: &str, _: &Published, _: &str, _: &mut People, _: &mut Reading) {}
