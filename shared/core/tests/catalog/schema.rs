//! The schema of inputs: a closed subset.

use gatelet_core::automation::catalog::KEYWORDS;

use super::{SOUND, assert_noticed, mistakes};

// Proves L 25, 53.
#[test]
fn each_keyword_is_refused_where_it_does_not_belong_or_says_nonsense() {
    let days = "minimum = 1\nmaximum = 365";
    for (old, new, expected) in [
        (
            "type = \"integer\"",
            "\"$ref\" = \"http://x\"\ntype = \"integer\"",
            "days.$ref: a schema refers to nothing",
        ),
        (
            "type = \"integer\"",
            "type = \"integer\"\n\"$defs\" = {}",
            "$defs: no form draws this keyword",
        ),
        ("type = \"integer\"", "type = \"integer\"\nallOf = []", "allOf: no form draws"),
        ("type = \"integer\"", "type = \"integer\"\nmultipleOf = 2", "multipleOf: no form draws"),
        ("type = \"integer\"", "type = \"integer\"\nx-unitt = \"d\"", "did you mean x-unit?"),
        ("type = \"integer\"", "type = [\"integer\", \"null\"]", "days.type: must be one of"),
        (
            "type = \"integer\"",
            "type = \"integer\"\nmaxLength = 3",
            "maxLength: belongs to a string",
        ),
        (days, "minimum = 1", "days.maximum: missing"),
        (days, "minimum = 9\nmaximum = 1", "days.minimum: is more than"),
        (days, "minimum = \"1\"\nmaximum = 365", "days.minimum: missing"),
        ("default = 90", "default = 900", "days.default: is not what the schema allows"),
        ("title = \"Days\"", "", "days.title: missing"),
        ("title = \"Days\"", "title = \"Days\"\nx-order = -1", "x-order: must be a whole number"),
        ("title = \"Days\"", "title = \"Days\"\nx-widget = \"slider\"", "x-widget: known are"),
        ("maxLength = 5\n", "", "items.maxLength: missing; a text has an end"),
        ("maxLength = 5\n", "minLength = 6\nmaxLength = 5\n", "minLength: is more than maxLength"),
        ("maxItems = 3\n", "", "tags.maxItems: missing"),
        ("maxItems = 3", "maxItems = 3000", "maxItems: must be a whole number from 0 to 1000"),
        ("\"^[a-z]+$\"", "\"(\"", "inputs: is no sound schema"),
        ("\"^[a-z]+$\"", "\"(?=a)\"", "inputs: is no sound schema"),
        (
            "\"date\"",
            "\"dat\"",
            "format: known are date, date-time, uri, email; did you mean date?",
        ),
        ("contentMediaType = \"text/csv\"", "contentMediaType = \"csv\"", "must be a media type"),
        ("x-max-bytes = 1048576", "", "x-max-bytes: must be a whole number"),
        (
            "\"accounts.csv\"",
            "\"account.csv\"",
            "no such file in the folder; did you mean accounts.csv?",
        ),
        ("\"accounts.csv\"", "\"main\"", "x-sample: there is no such file"),
        ("required = [\"accounts\"]", "required = [\"acounts\"]", "did you mean accounts?"),
        ("additionalProperties = false", "additionalProperties = true", "must be false"),
        ("additionalProperties = false", "", "inputs.additionalProperties: must be false"),
        ("{ const = \"all\", title = \"All\" }", "{ const = \"all\" }", "oneOf: must be a list"),
        ("{ const = \"all\", title = \"All\" }", "{ type = \"string\" }", "oneOf: must be a list"),
        ("[inputs.properties.days]", "[inputs.properties.Days]", "Days: a name must be"),
        ("default = 90", "default = 2026-01-01", "inputs: write moments as text"),
    ] {
        assert_noticed(old, new, expected);
    }
}

#[test]
fn a_file_stands_by_itself_and_nothing_stands_too_deep() {
    let items =
        "[inputs.properties.tags.items]\ntype = \"string\"\nmaxLength = 5\npattern = \"^[a-z]+$\"";
    let file = "[inputs.properties.tags.items]\ntype = \"string\"\ncontentMediaType = \"text/csv\"\nx-max-bytes = 5";
    assert_noticed(items, file, "a file is an input of its own");
    let mut nested = "{ type = \"string\", maxLength = 1 }".to_owned();
    for _ in 0..4 {
        nested = format!("{{ type = \"array\", maxItems = 1, items = {nested} }}");
    }
    let deep = SOUND.replace(items, &format!("[inputs.properties.tags]\nitems = {nested}"));
    let deep = deep.replacen("[inputs.properties.tags]\ntype = \"array\"\ntitle = \"Tags\"\nmaxItems = 3\nuniqueItems = true\n\n[inputs.properties.tags]", "[inputs.properties.tags]\ntype = \"array\"\ntitle = \"Tags\"\nmaxItems = 3", 1);
    let found = mistakes(&deep);
    assert!(found.iter().any(|one| one.contains("stands deeper than 4 levels")), "{found:?}");
}

#[test]
fn every_keyword_stands_in_the_list_once() {
    let names: std::collections::BTreeSet<&str> = KEYWORDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), KEYWORDS.len());
    assert!(!names.contains("$ref") && !names.contains("allOf"));
}
