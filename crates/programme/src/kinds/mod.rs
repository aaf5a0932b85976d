//! The kinds of programmes: which parts of the file each has, and what it reads.

mod calendar;
pub mod keys;
mod limits;
pub mod places;
mod run;
mod select;
pub mod site;
pub mod travel;

use minsheng_model::Mechanism;
use toml::de::DeTable;

use crate::draft::Draft;
use crate::shape;
use crate::sink::Sink;
use crate::view::View;

pub use run::{Compared, asks, test};

/// What a kind of programme has.
#[derive(Debug)]
pub struct Kind {
    /// The word in `[mechanism]`.
    pub name: &'static str,
    /// Parts of the file that have to be there.
    pub needs: &'static [&'static str],
    /// Parts that may be there and that not every kind has.
    pub may: &'static [&'static str],
    /// Registers that have to be there, by role.
    pub roles: &'static [&'static str],
    /// Registers that may be there.
    pub roles_may: &'static [&'static str],
}

/// Every kind; the first is that of a file that names none.
pub static KINDS: [Kind; 7] = [
    Kind {
        name: "match",
        needs: &["tie_break", "draw", "capacity"],
        may: &["tiers", "score", "reserves", "ceilings", "offers"],
        roles: &["applicants", "providers", "choices"],
        roles_may: &["replies"],
    },
    Kind {
        name: "select",
        needs: &["select"],
        may: &[],
        roles: &["applicants"],
        roles_may: &["groups"],
    },
    Kind {
        name: "rank",
        needs: &["rank"],
        may: &["draw"],
        roles: &["applicants"],
        roles_may: &["groups"],
    },
    Kind {
        name: "calendar",
        needs: &["calendar"],
        may: &[],
        roles: &["applicants", "groups"],
        roles_may: &[],
    },
    Kind {
        name: "assign",
        needs: &["assign"],
        may: &[],
        roles: &["applicants", "providers"],
        roles_may: &["pairs"],
    },
    Kind {
        name: "access",
        needs: &["access"],
        may: &[],
        roles: &["applicants", "suppliers"],
        roles_may: &["pairs"],
    },
    Kind {
        name: "site",
        needs: &["site"],
        may: &[],
        roles: &["applicants", "demands"],
        roles_may: &["pairs"],
    },
];

impl Kind {
    /// Returns the kind that the document names, `match` when it names none; `None` when
    /// it names one that there is not, which was told with the file's shape.
    pub fn of(view: View<'_>) -> Option<&'static Self> {
        let mechanism = view.table("mechanism");
        match mechanism.item("kind") {
            None => KINDS.first(),
            Some(_) => {
                let word = mechanism.string("kind");
                KINDS.iter().find(|k| k.name == word)
            }
        }
    }

    /// Returns the role of the register that stands where providers do in a match.
    pub fn second(&self) -> Option<&'static str> {
        let known = ["providers", "groups", "suppliers", "demands"];
        known.into_iter().find(|r| self.roles.contains(r))
    }

    fn has(&self, part: &str) -> bool {
        self.needs.contains(&part) || self.may.contains(&part)
    }

    /// Returns whether a register of the role can be there.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.contains(&role) || self.roles_may.contains(&role)
    }
}

/// Notes parts that the kind needs and lacks, and those of other kinds.
pub fn check(kind: &Kind, document: &DeTable<'_>, sink: &mut Sink<'_>) {
    for part in kind.needs {
        if let Some(key) = crate::keys::PROGRAMME.iter().find(|k| k.name == *part)
            && !document.contains_key(*part)
        {
            shape::missing(key, &(0..0), sink);
        }
    }
    for (name, _) in document {
        let part = name.get_ref().as_ref();
        let owners: Vec<String> = KINDS
            .iter()
            .filter(|k| k.has(part))
            .map(|k| format!("`kind = \"{}\"`", k.name))
            .collect();
        if owners.is_empty() || kind.has(part) {
            continue;
        }
        sink.error(
            "programme/unknown-key",
            name.span(),
            format!("`{part}` 只用于 {}", owners.join("、")),
            format!("`{part}` belongs to {} only", owners.join(", ")),
        );
        sink.help(
            format!("本文件的 `mechanism.kind` 是 `{}`", kind.name),
            format!("`mechanism.kind` of this file is `{}`", kind.name),
        );
    }
}

/// Reads the part that belongs to the kind alone.
pub fn read(kind: &Kind, draft: &mut Draft, view: View<'_>, sink: &mut Sink<'_>) {
    let own = view.table(kind.name);
    draft.rules.mechanism = match kind.name {
        "select" => Mechanism::Select(Box::new(select::selection(draft, own, sink))),
        "rank" => Mechanism::Rank(Box::new(select::ranking(draft, own, sink))),
        "calendar" => Mechanism::Calendar(Box::new(calendar::calendar(draft, own, sink))),
        "assign" => Mechanism::Assign(Box::new(places::assignment(draft, own, sink))),
        "access" => Mechanism::Access(Box::new(places::access(draft, own, sink))),
        "site" => Mechanism::Site(Box::new(site::siting(draft, own, sink))),
        _ => Mechanism::Match,
    };
}
