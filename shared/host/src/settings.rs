//! Settings: read once from the environment, with every mistake reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use gatelet_core::meant;
use url::{Host, Url};

/// What every setting of ours begins with.
const PREFIX: &str = "GATELET_";

/// Reads settings and collects what is wrong with them. Nothing has a value that was not given, unless the
/// caller names a default.
pub struct Reader {
    given: BTreeMap<String, String>,
    known: BTreeSet<&'static str>,
    mistakes: Vec<Mistake>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The setting's name.
    pub name: String,
    /// What is wrong with it. It never repeats a value: it may be a secret in the wrong place.
    pub problem: String,
}

/// Everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings are not usable:")?;
        for Mistake { name, problem } in &self.0 {
            write!(f, "\n  {name}: {problem}")?;
        }
        Ok(())
    }
}

impl Reader {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
    #[must_use]
    pub fn environment() -> Self {
        Self::over(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// Reads these settings.
    pub fn over(given: impl IntoIterator<Item = (String, String)>) -> Self {
        let given = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        Self { given, known: BTreeSet::new(), mistakes: Vec::new() }
    }

    /// A setting that may be absent. An empty value is absent.
    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        self.known.insert(name);
        self.given.get(name).cloned()
    }

    /// A setting that must be there; `meaning` says what it is, for the message when it is not.
    pub fn required(&mut self, name: &'static str, meaning: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.mistake(name, format!("missing ({meaning})"));
            String::new()
        })
    }

    /// A required address.
    pub fn required_url(&mut self, name: &'static str, meaning: &str) -> Option<Url> {
        let text = self.required(name, meaning);
        if text.is_empty() { None } else { self.parse_url(name, &text) }
    }

    /// An optional address.
    pub fn optional_url(&mut self, name: &'static str) -> Option<Url> {
        let text = self.optional(name)?;
        self.parse_url(name, &text)
    }

    /// The one public address of this deployment.
    pub fn base_url(&mut self) -> Option<Url> {
        let name = "GATELET_BASE_URL";
        let meaning = "the public address, such as https://gate.example";
        let url = self.required_url(name, meaning)?;
        match check_base_url(&url) {
            Ok(()) => Some(url),
            Err(problem) => {
                self.mistake(name, problem.into());
                None
            }
        }
    }

    /// Notes a mistake.
    pub fn mistake(&mut self, name: &str, problem: String) {
        self.mistakes.push(Mistake { name: name.into(), problem });
    }

    /// Ends the reading: settings of ours that nobody asked for are mistakes too.
    pub fn finish(mut self) -> Result<(), Mistakes> {
        let unknown = self
            .given
            .keys()
            .filter(|name| name.starts_with(PREFIX) && !self.known.contains(name.as_str()));
        let known: Vec<&str> = self.known.iter().copied().collect();
        let unknown: Vec<Mistake> = unknown
            .map(|name| {
                let meant = meant(name, &known).map(|known| format!("; did you mean {known}?"));
                let problem = format!("not a setting of this host{}", meant.unwrap_or_default());
                Mistake { name: name.clone(), problem }
            })
            .collect();
        self.mistakes.extend(unknown);
        if self.mistakes.is_empty() { Ok(()) } else { Err(Mistakes(self.mistakes)) }
    }

    fn parse_url(&mut self, name: &'static str, text: &str) -> Option<Url> {
        match Url::parse(text) {
            Ok(url) if url.has_host() => Some(url),
            Ok(_) => {
                self.mistake(name, "an address needs a host".into());
                None
            }
            Err(error) => {
                self.mistake(name, format!("not an address ({error})"));
                None
            }
        }
    }
}

/// What a base address must be: an origin and nothing else, with TLS unless it is this machine.
pub(crate) fn check_base_url(url: &Url) -> Result<(), &'static str> {
    let local = url.host() == Some(Host::Domain("localhost"));
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        _ => return Err("must be https (http is for localhost only)"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must be scheme, host and port only");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(pairs: &[(&str, &str)]) -> Reader {
        Reader::over(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn all_mistakes_are_reported_together_and_no_value_is_repeated() {
        let mut reader = reader(&[
            ("GATELET_BASE_URL", "http://gate.example"),
            ("GATELET_TABELS_URL", "s3cret"),
            ("PATH", "/bin"),
        ]);
        assert!(reader.base_url().is_none());
        reader.optional("GATELET_TABLES_URL");
        reader.required("GATELET_QUEUE_URL", "the queue");
        let mistakes = reader.finish().unwrap_err().to_string();
        for part in [
            "GATELET_BASE_URL: must be https",
            "GATELET_QUEUE_URL: missing",
            "GATELET_TABELS_URL: not a setting of this host; did you mean GATELET_TABLES_URL?",
        ] {
            assert!(mistakes.contains(part), "{mistakes}");
        }
        assert!(!mistakes.contains("s3cret"));
    }

    #[test]
    fn a_base_address_is_an_origin_with_tls_or_localhost() {
        for good in ["https://gate.example", "https://gate.example:8443/", "http://localhost:8787"]
        {
            assert!(reader(&[("GATELET_BASE_URL", good)]).base_url().is_some(), "{good}");
        }
        for bad in [
            "gate.example",
            "http://gate.example",
            "http://127.0.0.1:1",
            "https://a@gate.example",
            "https://gate.example/path",
            "https://gate.example/?q",
            "ftp://gate.example",
            "",
        ] {
            let mut reader = reader(&[("GATELET_BASE_URL", bad)]);
            assert!(reader.base_url().is_none(), "{bad}");
            assert!(reader.finish().is_err(), "{bad}");
        }
    }
}
