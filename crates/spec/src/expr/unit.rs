//! Products of units: `person/class` times `class` is `person`.

/// Returns the unit of a product, in lowest terms; `None` when everything cancels.
///
/// A unit is written as factors joined by `*`, those after a `/` below the line:
/// `fen/person`, `person*month`. The result lists factors in alphabetical order, so
/// that equal units have equal texts.
pub fn multiply(left: &str, right: &str) -> Option<String> {
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for unit in [left, right] {
        let mut under = false;
        for part in unit.split_inclusive(['*', '/']) {
            let name = part.trim_end_matches(['*', '/']).trim();
            if !name.is_empty() && name != "1" {
                if under {
                    below.push(name)
                } else {
                    above.push(name)
                }
            }
            under = part.ends_with('/');
        }
    }
    above.retain(|name| match below.iter().position(|b| b == name) {
        Some(at) => {
            below.swap_remove(at);
            false
        }
        None => true,
    });
    above.sort_unstable();
    below.sort_unstable();
    if above.is_empty() && below.is_empty() {
        return None;
    }
    let mut text = if above.is_empty() {
        "1".to_owned()
    } else {
        above.join("*")
    };
    for name in below {
        text.push('/');
        text.push_str(name);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::multiply;

    #[test]
    fn cancels_and_sorts() {
        assert_eq!(multiply("class", "person/class").as_deref(), Some("person"));
        assert_eq!(multiply("month", "fen").as_deref(), Some("fen*month"));
        assert_eq!(
            multiply("fen/person", "1/month").as_deref(),
            Some("fen/month/person")
        );
        assert_eq!(multiply("class/person", "person/class"), None);
    }
}
