//! Who speaks and which body answers, in English prose.

use crate::chars::text;
use crate::english_words::word_at;
use crate::people::People;
use crate::statement::Role;

const BODY_WORDS: &[&str] = &[
    "Bureau",
    "Commission",
    "Committee",
    "Department",
    "Authority",
    "Administration",
    "Council",
    "Ministry",
    "Agency",
    "Office",
    "Board",
    "Corporation",
    "Centre",
    "Center",
    "Trust",
];

/// Titles before a name.
const TITLES: &[&str] = &[
    "Mayor",
    "Vice",
    "Deputy",
    "Minister",
    "Commissioner",
    "Governor",
    "President",
    "Director",
    "Secretary",
    "Councillor",
    "Councilor",
    "Council",
    "Councilman",
    "Councilwoman",
    "Chief",
    "Chair",
    "Chairman",
    "Chairwoman",
    "Spokesperson",
    "Spokesman",
    "Spokeswoman",
    "Premier",
    "Senator",
    "Representative",
    "Member",
    "Professor",
    "Dr",
    "Mr",
    "Ms",
    "Mrs",
    "Prime",
];

/// Verbs by which somebody says something.
const SAYS: &[&str] = &[
    "said",
    "says",
    "told",
    "announced",
    "noted",
    "added",
    "suggested",
    "proposed",
    "explained",
    "stated",
    "urged",
    "recommended",
    "called",
    "promised",
    "pledged",
    "confirmed",
    "argued",
    "asked",
    "wrote",
    "reported",
    "vowed",
    "proposes",
    "suggests",
    "urges",
];

/// The first body named: capitalised words around Bureau, Commission …
pub(crate) fn body_in(chars: &[char], from: usize, to: usize) -> String {
    let words: Vec<(usize, usize)> = {
        let mut all = Vec::new();
        let mut i = from;
        while i < to {
            match word_at(chars, i, to) {
                Some((s, e)) => {
                    all.push((s, e));
                    i = e;
                }
                None => i += 1,
            }
        }
        all
    };
    let word = |k: usize| {
        words
            .get(k)
            .map(|(s, e)| text(chars, *s, *e))
            .unwrap_or_default()
    };
    let capital = |k: usize| word(k).starts_with(|c: char| c.is_ascii_uppercase());
    let joined = |k: usize| {
        words
            .get(k)
            .zip(words.get(k + 1))
            .is_some_and(|(a, b)| b.0 == a.1 + 1)
    };
    for k in 0..words.len() {
        // The Harbor City government, but not the government or its council member.
        let government = word(k) == "government"
            && k > 0
            && capital(k - 1)
            && joined(k - 1)
            && word(k - 1) != "The";
        let member = word(k) == "Council" && word(k + 1) == "member";
        if !(government || BODY_WORDS.contains(&word(k).as_str())) || member {
            continue;
        }
        let mut first = k;
        while first > 0
            && capital(first - 1)
            && joined(first - 1)
            && !matches!(word(first - 1).as_str(), "The" | "In" | "According" | "By")
        {
            first -= 1;
        }
        let mut last = k;
        while joined(last)
            && (capital(last + 1)
                || matches!(word(last + 1).as_str(), "of" | "and" | "for") && capital(last + 2))
            && last - k < 9
        {
            last += 1;
        }
        if let Some(((s, _), (_, e))) = words.get(first).zip(words.get(last)) {
            return text(chars, *s, *e);
        }
    }
    String::new()
}

/// `said NAME`, `NAME said`, `NAME, director of the X, said`, `according to NAME`.
pub(crate) fn speaker_in(
    chars: &[char],
    from: usize,
    to: usize,
    people: &mut People,
) -> Option<usize> {
    let mut i = from;
    while i < to {
        let Some((s, e)) = word_at(chars, i, to) else {
            i += 1;
            continue;
        };
        i = e;
        let verb = text(chars, s, e);
        if !SAYS.contains(&verb.as_str()) {
            continue;
        }
        let after = name_forward(chars, e, to);
        let found = after
            .map(|n| (n, false))
            .or_else(|| name_backward(chars, from, s).map(|n| (n, true)));
        let Some((name, _)) = found else { continue };
        let sentence = text(chars, from, to);
        let deputy = sentence.contains("deputy to")
            || sentence.contains("lawmaker")
            || sentence.contains("political adviser")
            || sentence.contains("ouncil member")
            || sentence.contains("ouncillor ")
            || sentence.contains("ouncilor ")
            || sentence.contains("pposition member")
            || sentence.contains("member of parliament");
        let body = body_in(chars, from, to);
        let role = if deputy {
            Role::Deputy
        } else if body.is_empty() {
            Role::Other
        } else {
            Role::Official
        };
        return Some(people.meet(&name, role, if deputy { "" } else { &body }));
    }
    None
}

fn name_forward(chars: &[char], from: usize, to: usize) -> Option<String> {
    let (mut i, mut words) = (from, Vec::new());
    while let Some((s, e)) = word_at(chars, i, to) {
        let word = text(chars, s, e);
        if s != i + 1 || !word.starts_with(|c: char| c.is_ascii_uppercase()) || words.len() == 3 {
            break;
        }
        if !(words.is_empty() && TITLES.contains(&word.as_str())) {
            words.push(word);
        }
        i = e;
    }
    ((2..=3).contains(&words.len()) && !BODY_WORDS.iter().any(|b| words.iter().any(|w| w == b)))
        .then(|| words.join(" "))
}

/// The capitalised words before a comma phrase or right before the verb.
fn name_backward(chars: &[char], from: usize, verb: usize) -> Option<String> {
    let all = text(chars, from, verb);
    let first = all
        .split(',')
        .next()
        .unwrap_or("")
        .trim()
        .trim_matches(['"', '“', '”'])
        .to_owned();
    let last = all
        .rsplit(',')
        .next()
        .unwrap_or("")
        .trim()
        .trim_matches(['"', '“', '”'])
        .to_owned();
    [last, first].into_iter().find_map(|p| {
        // Opposition member Helen Price: the capitalised words at the end.
        let mut words: Vec<&str> = p
            .split_whitespace()
            .rev()
            .take_while(|w| w.starts_with(|c: char| c.is_ascii_uppercase()))
            .collect();
        words.reverse();
        let titles = words
            .iter()
            .take_while(|w| TITLES.contains(&w.trim_end_matches('.')))
            .count();
        let words = words.split_off(titles);
        let named = (2..=3).contains(&words.len())
            && words.iter().all(|w| {
                w.starts_with(|c: char| c.is_ascii_uppercase())
                    && w.chars()
                        .all(|c| c.is_ascii_alphabetic() || c == '-' || c == '\'')
            });
        let thing = words
            .first()
            .is_some_and(|w| matches!(*w, "The" | "In" | "A" | "An" | "This" | "Last"))
            || BODY_WORDS.iter().any(|b| words.contains(b));
        (named && !thing).then(|| words.join(" "))
    })
}
