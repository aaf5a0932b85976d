//! What stands for charts as PNG where they were left out of the build.

use crate::exit::{Code, Failure};

/// No fonts: nothing is drawn.
pub struct Fonts;

impl Fonts {
    /// Returns nothing to draw with.
    pub fn of_system() -> Self {
        Self
    }

    /// Draws nothing.
    ///
    /// # Errors
    /// Always: the program was built without.
    #[expect(clippy::unused_self, reason = "as where it is built in")]
    pub fn draw(&self, _svg: &str) -> Result<Vec<u8>, Failure> {
        Err(Failure::new(
            Code::Failed,
            "chart/no-png",
            "这个 `minsheng` 编译时未含 PNG:以 `cargo build --release --features png` 重新编译,或不用 `--png`,由浏览器把 SVG 转成 PNG(`chromium --headless --screenshot=图.png 图.svg`)",
            "this `minsheng` was built without PNG: build it with `cargo build --release --features png`, or leave `--png` out and let a browser turn the SVG into one (`chromium --headless --screenshot=chart.png chart.svg`)",
        ))
    }
}
