//! A bundle is written aside, verified there, and only then put in its place.

use std::path::{Path, PathBuf};

use minsheng_bundle::{Contents, Written};
use minsheng_verify::Report;

use crate::city::disk;
use crate::commands::verify::{bundle_failure, show};
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::interrupt::{Staging, uninterrupted};

/// A bundle that was written aside: an interrupted run leaves nothing of it.
pub struct Aside {
    // Held for what its end does: the folder goes.
    _staging: Staging,
    written: Written,
    /// Where it will be.
    pub target: PathBuf,
}

impl Aside {
    /// Writes a bundle that is to be in `out`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(out: &Path, contents: &Contents) -> Result<Self, Failure> {
        let staging = Staging::new(out).map_err(|e| disk(out, &e))?;
        let written = minsheng_bundle::write(staging.path(), contents)
            .map_err(|e| bundle_failure(out, &e))?;
        let name = written.path.file_name().map(PathBuf::from);
        let target = out.join(name.unwrap_or_default());
        Ok(Self {
            _staging: staging,
            written,
            target,
        })
    }

    /// Returns its identity.
    pub fn id(&self) -> &str {
        &self.written.id
    }

    /// Verifies it, together with the bundle it goes on from, as anybody can.
    ///
    /// # Errors
    /// When it cannot be read, and when it does not hold: then its checks are shown.
    pub fn verify(&self, console: &Console, earlier: Option<&Path>) -> Result<Report, Failure> {
        let path = &self.written.path;
        let report = match earlier {
            Some(past) => minsheng_verify::anybody_after(path, past),
            None => minsheng_verify::anybody(path),
        };
        let report = report.map_err(|e| bundle_failure(path, &e))?;
        if report.ok() {
            return Ok(report);
        }
        let target = &self.target;
        show(console, target, &report);
        Err(Failure::new(
            Code::NotHeld,
            "run/not-held",
            format!("`{}` 未通过复核,没有公布", target.display()),
            format!("`{}` does not hold and was not published", target.display()),
        ))
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// When it cannot be moved there.
    pub fn publish(self) -> Result<(PathBuf, String), Failure> {
        let Self {
            _staging,
            written,
            target,
        } = self;
        uninterrupted(|| {
            if target.exists() {
                // Same name, same identity: same bytes. Whatever is there gives way.
                std::fs::remove_dir_all(&target)?;
            }
            std::fs::rename(&written.path, &target)
        })
        .map_err(|e| disk(&target, &e))?;
        Ok((target, written.id))
    }
}
