//! Interrupting a command leaves nothing half-written behind.
//!
//! Everything a command makes is first made in a staging folder and then renamed.
//! The folders in use are kept here, so that Ctrl-C can remove them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

static STAGED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes what is staged when the user interrupts, and exits with 130.
pub fn install() {
    // Without a handler Ctrl-C still stops the program; only the tidying is lost.
    let _ = ctrlc::set_handler(|| {
        // The lock is held to the end: the command may go on writing until the program
        // exits, but it cannot leave a staging folder that is not looked at.
        let staged = STAGED.lock();
        for path in staged.iter().flat_map(|list| list.iter()) {
            sweep(path);
        }
        std::process::exit(130);
    });
}

/// Removes a folder into which somebody may still be writing.
fn sweep(path: &Path) {
    for _ in 0..200 {
        let _ = std::fs::remove_dir_all(path);
        if !path.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Moves what is ready out of its staging folder; an interrupt comes before or after,
/// never while it is under way. What is done here may not drop a [`Staging`].
pub fn uninterrupted<T>(settle: impl FnOnce() -> T) -> T {
    let _held = STAGED.lock();
    settle()
}

/// A folder that is gone when this is dropped or the user interrupts.
#[derive(Debug)]
pub struct Staging(PathBuf);

impl Staging {
    /// Makes an empty staging folder in `parent`, sweeping away one that a
    /// killed run left.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(parent: &Path) -> std::io::Result<Self> {
        let path = parent.join(".partial");
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        // Made and made known under one lock: an interrupt finds both or neither.
        let staged = STAGED.lock();
        std::fs::create_dir_all(&path)?;
        if let Ok(mut staged) = staged {
            staged.push(path.clone());
        }
        Ok(Self(path))
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
        if let Ok(mut staged) = STAGED.lock() {
            staged.retain(|p| *p != self.0);
        }
    }
}
