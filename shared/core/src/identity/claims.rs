//! Reading claims, and what of an ID token's claims is kept as facts.

use serde_json::{Map, Value};
use url::Url;

use super::{Facts, Person, Refusal};
use crate::clock::Timestamp;
use crate::registry::Provider;

/// The longest text that a claim may bring along, in bytes.
const LONGEST: usize = 256;

/// The most groups that somebody may be in. Entra's own limit in a token is 200.
const GROUPS: usize = 500;

/// The claims of a token.
pub(super) struct Claims(pub(super) Map<String, Value>);

impl Claims {
    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether the claim is there, whatever it says.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A claim that is a time: seconds since the epoch, whose fraction is dropped.
    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        let number = self.0.get(name)?;
        let whole = || format!("{:.0}", number.as_f64()?.floor()).parse().ok();
        number.as_u64().or_else(whole).map(Timestamp::from_secs)
    }

    /// The audiences, whether one or several. `None` when they are neither.
    pub(super) fn audiences(&self) -> Option<Vec<&str>> {
        texts(self.0.get("aud")?)
    }

    /// What is kept.
    pub(super) fn facts(&self, provider: &Provider) -> Result<Facts, Refusal> {
        let person = self.person()?;
        let tenant_claim = self.tenant(provider, &person)?;
        Ok(Facts {
            provider: provider.name.clone(),
            tenant_claim,
            person,
            groups: self.groups(provider)?,
            provider_session: self.short("sid")?,
            name: self.shown("name"),
            email: self.verified_email(provider),
            auth_time: self.time("auth_time"),
            acr: self.short("acr")?,
            amr: self.0.get("amr").and_then(texts).map(owned).unwrap_or_default(),
        })
    }

    /// OpenID Connect Core §2: a subject has at most 255 ASCII characters.
    fn person(&self) -> Result<Person, Refusal> {
        let issuer = self.text("iss").ok_or(Refusal::BadIdToken)?;
        let subject = self.text("sub").ok_or(Refusal::BadIdToken)?;
        if subject.is_empty() || subject.len() > 255 || !subject.is_ascii() {
            return Err(Refusal::BadIdToken);
        }
        Ok(Person { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }

    fn tenant(&self, provider: &Provider, person: &Person) -> Result<Option<String>, Refusal> {
        if !provider.kind.may_match(&provider.tenant_claim) {
            return Ok(None);
        }
        let kind = provider.kind.facts();
        let claimed = self.short(&provider.tenant_claim)?;
        if kind.tenant_in_subject && kind.tenant_claim == Some(&provider.tenant_claim) {
            let named = organisation_in(&person.subject);
            return match (claimed, named) {
                (Some(claimed), Some(named)) if claimed != named => Err(Refusal::BadIdToken),
                (claimed, named) => Ok(claimed.or(named)),
            };
        }
        Ok(claimed.map(|it| if kind.tenant_in_any_case { it.to_ascii_lowercase() } else { it }))
    }

    /// A provider that left the groups out, or gave something that is no list of groups, gets nobody a role: the
    /// first rule that fits what remains could be one that was meant for others.
    fn groups(&self, provider: &Provider) -> Result<Vec<String>, Refusal> {
        let claim = provider.groups_claim.as_str();
        let elsewhere = self.0.get("_claim_names").and_then(|names| names.get(claim)).is_some();
        if elsewhere || (claim == "groups" && self.has("hasgroups")) {
            return Err(Refusal::TooManyGroups);
        }
        let within = provider.kind.facts().claims_within;
        let within = within.and_then(|outer| self.0.get(outer)?.get(claim));
        let groups = match self.0.get(claim).or(within) {
            None | Some(Value::Null) => Vec::new(),
            Some(listed) => texts(listed).map(owned).ok_or(Refusal::BadIdToken)?,
        };
        if groups.len() > GROUPS || groups.iter().any(|group| group.len() > LONGEST) {
            return Err(Refusal::TooManyGroups);
        }
        Ok(groups)
    }

    fn verified_email(&self, provider: &Provider) -> Option<String> {
        let claim = provider.kind.facts().email_verified_claim;
        let verified = self.0.get(claim) == Some(&Value::Bool(true));
        verified.then(|| self.shown("email")).flatten()
    }

    /// A text that decides something; a token in which it is too long is refused.
    fn short(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.text(name) {
            Some(text) if text.len() > LONGEST => Err(Refusal::BadIdToken),
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// A text that is only shown; one that could not be is left out.
    fn shown(&self, name: &str) -> Option<String> {
        let text = self.text(name)?.trim();
        let fits = !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control);
        fits.then(|| text.to_owned())
    }
}

/// One text, or a list of nothing but texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(many) => many.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

/// The organisation in a subject such as `https://login.salesforce.com/id/{organisation}/{user}`.
fn organisation_in(subject: &str) -> Option<String> {
    let url = Url::parse(subject).ok().filter(|url| url.scheme() == "https")?;
    let parts: Vec<&str> = url.path_segments()?.collect();
    match parts.as_slice() {
        ["id", organisation, user] if !organisation.is_empty() && !user.is_empty() => {
            Some((*organisation).to_owned())
        }
        _ => None,
    }
}
