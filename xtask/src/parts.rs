//! The parts of the test run, in the order in which they fail cheapest.

use crate::run::{Result, failure};
use crate::steps::{
    BUILD, DOORS, INVENTORY, RUN, SIGN_IN, Step, WALKS, clippy_of_host, step, story, with_services,
};

/// One line of the final table.
pub(crate) struct Part {
    /// What `--only` and the table call it.
    pub(crate) name: &'static str,
    /// What is known once it has passed.
    pub(crate) proves: &'static str,
    /// The tools it calls itself; those of its services need no mention.
    pub(crate) tools: &'static [&'static str],
    /// The services that must answer while it runs.
    pub(crate) services: &'static [&'static str],
    /// Whether the steps are `cargo test`, whose tests are counted.
    pub(crate) counted: bool,
    /// The commands, run from the workspace's folder until one fails.
    pub(crate) steps: &'static [Step],
}

/// A part that needs nothing and counts as one.
const PLAIN: Part =
    Part { name: "", proves: "", tools: &[], services: &[], counted: false, steps: &[] };

/// A part whose tests are counted.
const TESTS: Part = Part { counted: true, ..PLAIN };

/// Every part.
pub(crate) const PARTS: &[Part] = &[
    Part {
        name: "format",
        proves: "the code is laid out by rustfmt",
        steps: &[step(&["cargo", "fmt", "--all", "--check"])],
        ..PLAIN
    },
    Part {
        name: "deny",
        proves: "crate boundaries, licences and sources are kept",
        tools: &["cargo-deny"],
        steps: &[step(&[
            "{tools}/cargo-deny/bin/cargo-deny",
            "check",
            "bans",
            "licenses",
            "sources",
        ])],
        ..PLAIN
    },
    Part {
        name: "secrets",
        proves: "no secret lies in the files or their history, and a planted one is found",
        tools: &["gitleaks"],
        steps: &[Step {
            env: &[("TEST_GITLEAKS", "{tools}/gitleaks/bin/gitleaks")],
            ..with_services!("gatelet-tests", ["secret_scan"])
        }],
        ..TESTS
    },
    Part {
        name: "workflow",
        proves: "the workflow of the public home is sound, pinned, and asks for few rights",
        tools: &["actionlint", "zizmor"],
        steps: &[
            step(&["{tools}/actionlint/bin/actionlint", ".github/workflows/ci.yml"]),
            step(&["{tools}/zizmor/bin/zizmor", "--offline", "--persona=pedantic", ".github"]),
        ],
        ..PLAIN
    },
    Part {
        name: "sbom",
        proves: "the bill of materials names every crate of every executable",
        tools: &["cargo-cyclonedx"],
        steps: &[step(&["cargo", "xtask", "sbom"])],
        ..PLAIN
    },
    Part {
        name: "clippy",
        proves: "no lint is broken, on any host",
        steps: &[
            step(&["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            clippy_of_host!("aws"),
            clippy_of_host!("azure"),
            clippy_of_host!("local"),
        ],
        ..PLAIN
    },
    Part {
        name: "docs",
        proves: "the documentation builds and its links hold",
        steps: &[Step {
            words: &["cargo", "doc", "--workspace", "--no-deps", "--document-private-items"],
            env: &[("RUSTDOCFLAGS", "-Dwarnings")],
        }],
        ..PLAIN
    },
    Part {
        name: "unit",
        proves: "all that needs no service, and the house itself",
        steps: &[step(&["cargo", "test", "--workspace"])],
        ..TESTS
    },
    Part {
        name: "contracts-redis",
        proves: "records keep their contract in a real Redis",
        services: &["redis"],
        steps: &[with_services!("gatelet-redis", ["records"])],
        ..TESTS
    },
    Part {
        name: "contracts-dynamodb",
        proves: "records keep their contract in DynamoDB, policies enforced (MiniStack)",
        services: &["ministack"],
        steps: &[with_services!("gatelet-aws", ["records"], "ministack_")],
        ..TESTS
    },
    Part {
        name: "contracts-dynamodb-local",
        proves: "the same in AWS's own emulator",
        services: &["dynamodb-local"],
        steps: &[with_services!("gatelet-aws", ["records"], "dynamodb_local_")],
        ..TESTS
    },
    Part {
        name: "contracts-aws",
        proves: "secrets, queue, objects, registry and signer keep their contracts on AWS",
        services: &["ministack"],
        steps: &[with_services!(
            "gatelet-aws",
            ["secrets", "queue", "objects", "registry", "signer"]
        )],
        ..TESTS
    },
    Part {
        name: "contracts-azure",
        proves: "all ports keep their contracts on Azure Storage and the double of Key Vault",
        services: &["azurite", "key-vault"],
        steps: &[with_services!("gatelet-azure", ["services"])],
        ..TESTS
    },
    Part {
        name: "crashes",
        proves: "on every store, a worker that is killed or stopped anywhere leaves what the next one ends right",
        services: &["redis", "dynamodb-local", "azurite", "key-vault"],
        steps: &[with_services!("gatelet-story", ["crashes"])],
        ..TESTS
    },
    Part {
        name: "automations",
        proves: "scripts repeat no effect wherever they are lost, and each automation does what it says",
        tools: &["automations"],
        services: &["ministack"],
        steps: &[
            step(&["{tools}/automations/bin/python", "tests/automations/check_types.py"]),
            step(&["{tools}/automations/bin/python", "tests/automations/run.py"]),
        ],
        ..TESTS
    },
    Part { name: "build", proves: "every door builds for this machine", steps: &BUILD, ..PLAIN },
    Part {
        name: "doors",
        proves: "recorded events are answered with every store away",
        steps: &[DOORS],
        ..TESTS
    },
    Part {
        name: "walks",
        proves: "every command in the documentation says what is printed there",
        tools: &["pyjwt", "jose", "nginx-light"],
        steps: &[WALKS],
        ..TESTS
    },
    Part {
        name: "story-local",
        proves: "the story ends well behind the plain door",
        steps: &[story!("local")],
        ..TESTS
    },
    Part {
        name: "browser",
        proves: "the page and its cookies do in a real browser what they promise",
        tools: &["chromium", "playwright-core", "axe-core", "typescript", "frameworks"],
        steps: &[Step {
            words: &["node", "tests/browser/run.mjs"],
            env: &[
                ("TEST_BINARIES", "{target}/debug"),
                ("TEST_PLAYWRIGHT", "{tools}/playwright-core/node_modules/playwright-core"),
                ("TEST_AXE", "{tools}/axe-core/node_modules/axe-core"),
                ("TEST_TYPESCRIPT", "{tools}/typescript/node_modules/typescript"),
                ("TEST_FRAMEWORKS", "{tools}/frameworks/node_modules"),
                ("TEST_PICTURES", "{target}/browser"),
            ],
        }],
        ..TESTS
    },
    Part {
        name: "console-types",
        proves: "the types that the console's comments promise hold",
        tools: &["typescript"],
        steps: &[step(&[
            "{tools}/typescript/node_modules/.bin/tsc",
            "--project",
            "console/tsconfig.json",
        ])],
        ..PLAIN
    },
    Part {
        name: "schemathesis",
        proves: "the gateway answers as its description says, whatever it is asked",
        tools: &["schemathesis"],
        steps: &[Step {
            words: &["node", "tests/browser/schemathesis.mjs"],
            env: &[
                ("TEST_BINARIES", "{target}/debug"),
                ("TEST_SCHEMATHESIS", "{tools}/schemathesis/bin/schemathesis"),
            ],
        }],
        ..PLAIN
    },
    Part {
        name: "story-aws",
        proves: "the same story, deployed to MiniStack",
        services: &["ministack"],
        steps: &[story!("aws")],
        ..TESTS
    },
    Part {
        name: "story-azure",
        proves: "the same story behind the custom handler",
        services: &["azurite", "key-vault", "python-functions"],
        steps: &[story!("azure")],
        ..TESTS
    },
    Part {
        name: "sign-in",
        proves: "one sign-in with the real OpenID provider, and one run, go the same way on all three hosts",
        services: &["ministack", "azurite", "key-vault", "python-functions", "oidc-provider"],
        steps: &[SIGN_IN, RUN],
        ..TESTS
    },
    Part {
        name: "s3-inventory",
        proves: "buckets of an emulator are listed through the whole gateway, and the table is shown",
        services: &["ministack", "oidc-provider"],
        steps: &[INVENTORY],
        ..TESTS
    },
    Part {
        name: "templates",
        proves: "the CloudFormation and Bicep files are sound",
        tools: &["cfn-lint", "pycep", "checkov"],
        steps: &[
            step(&["{tools}/cfn-lint/bin/cfn-lint", "template.yaml"]),
            step(&["{tools}/pycep/bin/python", "xtask/src/parse_bicep.py", "infra"]),
            step(&[
                "{tools}/checkov/bin/checkov",
                "--directory",
                "infra",
                "--framework",
                "bicep",
                "--skip-download",
                "--quiet",
                "--compact",
            ]),
        ],
        ..PLAIN
    },
    Part {
        name: "package",
        proves: "both clouds' packages are made without Docker",
        tools: &["cargo-lambda", "rust-targets"],
        steps: &[
            step(&["cargo", "xtask", "package", "aws", "--profile", "dev"]),
            step(&["cargo", "xtask", "package", "azure", "--profile", "dev"]),
        ],
        ..PLAIN
    },
];

/// The parts of these names in the table's order, or all.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Part>> {
    let unknown = names.iter().find(|name| !PARTS.iter().any(|part| part.name == **name));
    if let Some(name) = unknown {
        return Err(failure!("no part is called `{name}`; `cargo xtask test --list` shows them"));
    }
    let wanted = |part: &&Part| names.is_empty() || names.iter().any(|name| name == part.name);
    Ok(PARTS.iter().filter(wanted).collect())
}

/// Prints the parts, what each proves and what it needs.
pub(crate) fn list() {
    for part in PARTS {
        let needs: Vec<&str> = part.services.iter().chain(part.tools).copied().collect();
        let needs =
            if needs.is_empty() { String::new() } else { format!(" [{}]", needs.join(", ")) };
        println!("{:<25} {}{needs}", part.name, part.proves);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PARTS, chosen};
    use crate::{services, tools};

    #[test]
    fn every_part_has_its_own_name_and_at_least_one_step() {
        let names: BTreeSet<_> = PARTS.iter().map(|part| part.name).collect();
        assert_eq!(names.len(), PARTS.len());
        assert!(PARTS.iter().all(|part| !part.steps.is_empty() && !part.proves.is_empty()));
    }

    #[test]
    fn every_need_can_be_met_by_the_catalogue() {
        for part in PARTS {
            let of_services =
                part.services.iter().flat_map(|name| services::find(name).unwrap().tools);
            for tool in part.tools.iter().chain(of_services) {
                assert!(tools::find(tool).is_ok(), "{} needs {tool}", part.name);
            }
        }
    }

    #[test]
    fn chosen_parts_keep_the_order_of_the_table() {
        let names: Vec<_> = chosen(&["unit".into(), "format".into()])
            .unwrap()
            .iter()
            .map(|part| part.name)
            .collect();
        assert_eq!(names, ["format", "unit"]);
        assert!(chosen(&["units".into()]).is_err());
    }
}
