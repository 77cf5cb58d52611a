//! The people who can be chosen.

/// Somebody whom the pocket provider vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Human {
    /// The `sub`, which also names the button.
    pub subject: &'static str,
    /// The given name.
    pub name: &'static str,
    /// The claim `org`, which tenants match.
    pub organization: &'static str,
    /// The claim `groups`, from which roles follow.
    pub groups: &'static [&'static str],
    /// Tenants and role, for people to read.
    pub place: &'static str,
}

/// Everybody; first whoever can show the most without asking others. The registry of one machine gives each of them the role that stands in `place`.
pub const PEOPLE: [Human; 7] = [
    human("eda", "Eda", "acme", &["editors"], "acme, editor"),
    human("ada", "Ada", "acme", &["admins"], "acme, admin"),
    human("vic", "Vic", "acme", &["viewers"], "acme, viewer"),
    human("aud", "Aud", "acme", &["auditors"], "acme, auditor"),
    human("gus", "Gus", "globex", &["admins"], "globex, admin"),
    human("max", "Max", "acme-and-globex", &["viewers"], "acme or globex, viewer"),
    human("ira", "Ira", "initech", &["admins"], "initech in another region, admin"),
];

const fn human(
    subject: &'static str,
    name: &'static str,
    organization: &'static str,
    groups: &'static [&'static str],
    place: &'static str,
) -> Human {
    Human { subject, name, organization, groups, place }
}

impl Human {
    /// Whoever has this subject.
    pub(super) fn of(subject: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|human| human.subject == subject)
    }

    /// An address that never receives anything (RFC 2606).
    pub(super) fn email(&self) -> String {
        format!("{}@{}.example", self.subject, self.organization)
    }
}

#[cfg(test)]
mod tests {
    use gatelet_core::registry::Registry;
    use url::Url;

    use super::PEOPLE;

    #[test]
    fn the_registry_of_one_machine_lists_everybody_for_the_sign_in_page() {
        let gateway = Url::parse("http://localhost:8787").unwrap();
        let text = crate::pocket::registry(&gateway, 8788);
        let registry = Registry::read(&text, &gateway).unwrap();
        let listed = registry.only_provider().unwrap().people.iter();
        let listed: Vec<String> =
            listed.map(|it| format!("{} {}, {}", it.login_hint, it.tenant, it.role)).collect();
        assert_eq!(listed, PEOPLE.map(|human| format!("{} {}", human.subject, human.place)));
    }
}
