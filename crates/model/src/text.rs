use serde::{Deserialize, Serialize};

/// A sentence in both languages that minsheng speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Returns a text from its Chinese and its English form.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Returns the same words for both languages, for names and numbers.
    pub fn same(words: impl Into<String>) -> Self {
        let words = words.into();
        Self {
            zh: words.clone(),
            en: words,
        }
    }

    /// Returns the Chinese form for `zh` and the English one for anything else.
    #[must_use]
    pub fn get(&self, lang: &str) -> &str {
        if lang == "zh" { &self.zh } else { &self.en }
    }
}
