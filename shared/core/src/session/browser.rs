//! In which browser a session was begun, as far as a person needs to know their own sessions apart.

/// A browser and its system, in words of our own. Nothing of what the browser sends is kept: not its version, and
/// nothing that a stranger wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser(String);

/// What stands in the header, and what people call it. Browsers name their forebears too, so the first that fits
/// counts.
const NAMES: [(&str, &str); 12] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for systems.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

impl Browser {
    /// Reads a `User-Agent` (RFC 9110 §10.1.5). `None` for what no browser that people know sends.
    #[must_use]
    pub fn read(user_agent: &str) -> Option<Self> {
        let word = |table: &[(&str, &'static str)]| {
            table.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, word)| *word)
        };
        let (name, system) = (word(&NAMES)?, word(&SYSTEMS)?);
        Some(Self(format!("{name} on {system}")))
    }

    /// The words, such as "Firefox on Linux".
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What was stored, if it is made of our words.
    pub(super) fn stored(text: &str) -> Option<Self> {
        let (name, system) = text.split_once(" on ")?;
        let is_ours = NAMES.iter().any(|(_, word)| *word == name)
            && SYSTEMS.iter().any(|(_, word)| *word == system);
        is_ours.then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Browser;

    #[test]
    fn a_browser_is_known_by_its_own_name_and_not_by_its_forebears() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0".to_owned(),
                "Firefox on Linux",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0"
                ),
                "Edge on Windows",
            ),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {webkit} Chrome/156.0.0.0 Safari/537.36"
                ),
                "Chrome on macOS",
            ),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {webkit} Version/26.0 Safari/605.1.15"
                ),
                "Safari on macOS",
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 16) {webkit} Chrome/156.0.0.0 Mobile Safari/537.36"
                ),
                "Chrome on Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) {webkit} CriOS/156.0 Mobile/15E148 Safari/604.1"
                ),
                "Chrome on iOS",
            ),
        ] {
            let read = Browser::read(&agent).unwrap();
            assert_eq!(read.as_str(), words, "{agent}");
            assert_eq!(Browser::stored(words), Some(read));
        }
    }

    // Proves L 33.
    #[test]
    fn nothing_that_somebody_wrote_is_kept() {
        for agent in ["", "curl/8.5.0", "Firefox/150 <b>", "call me on Linux", "\u{1f98a} on Linux"]
        {
            assert_eq!(Browser::read(agent), None, "{agent}");
            assert_eq!(Browser::stored(agent), None, "{agent}");
        }
        assert_eq!(
            Browser::read("Firefox/1 Linux ada@acme.example").unwrap().as_str(),
            "Firefox on Linux"
        );
    }
}
