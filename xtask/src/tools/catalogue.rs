//! The one place where the version of every tool is written down.

/// A program that the tests need and cargo does not bring.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its name here, and its folder's.
    pub(crate) name: &'static str,
    /// What is pinned, for the person who reads the progress.
    pub(crate) version: &'static str,
    /// What the tests need it for.
    pub(crate) why: &'static str,
    /// How it is installed. Its debug form is the stamp: any change here installs anew.
    pub(crate) how: How,
}

/// The ways of installing a tool.
#[derive(Debug)]
pub(crate) enum How {
    /// A Python environment of its own with these requirements.
    Python(&'static [&'static str]),
    /// An npm package in a folder of its own.
    Npm(&'static str),
    /// Several npm packages in one folder, where they find each other.
    NpmTogether(&'static [&'static str]),
    /// A Maven artefact with all it depends on.
    MavenTree(Artefact),
    /// A crate, built from the registry with its own lock file.
    Cargo(&'static str),
    /// A Go program, built from the module proxy with its own checksums.
    Go(&'static str),
    /// Targets of the pinned toolchain.
    RustTargets(&'static [&'static str]),
    /// A program of the operating system; installed by apt where that is possible.
    System { program: &'static str },
}

/// A Maven artefact's group, name and version.
#[derive(Debug)]
pub(crate) struct Artefact(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

/// Every tool.
pub(crate) const CATALOGUE: &[Tool] = &[
    Tool {
        name: "openssl",
        version: "system",
        why: "makes the test authority's certificates",
        how: How::System { program: "openssl" },
    },
    Tool {
        name: "redis-server",
        version: "system",
        why: "the real Redis, for the Redis records",
        how: How::System { program: "redis-server" },
    },
    Tool {
        name: "ministack",
        version: "1.5.33",
        why: "AWS in one process: runs the real functions, enforces IAM",
        how: How::Python(&[
            "ministack==1.5.33",
            "aws-sam-translator==1.115.0",
            "boto3==1.43.106",
            "cryptography==50.0.2",
        ]),
    },
    Tool {
        name: "dynamodb-local",
        version: "3.1.0",
        why: "AWS's own DynamoDB emulator, a second opinion on records",
        how: How::MavenTree(Artefact("software.amazon.dynamodb", "DynamoDBLocal", "3.1.0")),
    },
    Tool {
        name: "azurite",
        version: "3.35.0",
        why: "Azure's own emulator of blobs, queues and tables (newer ones want Node 21)",
        how: How::Npm("azurite@3.35.0"),
    },
    Tool {
        name: "oidc-provider",
        version: "9.13.3",
        why: "an OpenID provider that nobody here wrote, for tests/identity",
        how: How::Npm("oidc-provider@9.13.3"),
    },
    Tool {
        name: "cryptography",
        version: "50.0.2",
        why: "the RSA of the double of Key Vault in tests/doubles",
        how: How::Python(&["cryptography==50.0.2"]),
    },
    Tool {
        name: "cfn-lint",
        version: "1.58.0",
        why: "checks template.yaml without an account",
        how: How::Python(&["cfn-lint==1.58.0", "aws-sam-translator==1.115.0"]),
    },
    Tool {
        name: "pycep",
        version: "0.7.1",
        why: "parses Bicep (checkov pins an older one, so it lives apart)",
        how: How::Python(&["pycep-parser==0.7.1"]),
    },
    Tool {
        name: "checkov",
        version: "3.3.30",
        why: "looks for unsafe settings in Bicep",
        how: How::Python(&["checkov==3.3.30"]),
    },
    Tool {
        name: "chromium",
        version: "system",
        why: "the browser in which the page is tried",
        how: How::System { program: "chromium" },
    },
    Tool {
        name: "playwright-core",
        version: "1.65.1",
        why: "drives the browser; it brings none of its own",
        how: How::Npm("playwright-core@1.65.1"),
    },
    Tool {
        name: "axe-core",
        version: "4.14.1",
        why: "finds what a page keeps from people who see, hear or press otherwise",
        how: How::Npm("axe-core@4.14.1"),
    },
    Tool {
        name: "schemathesis",
        version: "4.32.5",
        why: "holds the API to its description, with requests that nobody would think of",
        how: How::Python(&["schemathesis==4.32.5"]),
    },
    Tool {
        name: "typescript",
        version: "7.0.2",
        why: "checks the types of the console, which is served as it is written",
        how: How::Npm("typescript@7.0.2"),
    },
    Tool {
        name: "console-vendor",
        version: "preact 11.2",
        why: "the libraries of the console, and what makes one module of them (cargo xtask vendor)",
        how: How::NpmTogether(&[
            "preact@11.2.0",
            "htm@3.1.1",
            "@preact/signals@2.11.4",
            "@preact/signals-core@1.14.5",
            "esbuild@0.28.2",
        ]),
    },
    Tool {
        name: "frameworks",
        version: "of November 2026",
        why: "what the recipes for the browser client are written for",
        how: How::NpmTogether(&[
            "esbuild@0.28.2",
            "react@19.3.1",
            "react-dom@19.3.1",
            "vue@3.5.45",
            "svelte@5.57.3",
            "htmx.org@4.0.1",
            "ky@2.1.0",
            "openapi-fetch@0.17.0",
            "rxjs@7.8.2",
            "@angular/common@22.2.6",
            "@angular/compiler@22.2.6",
            "@angular/core@22.2.6",
            "@angular/platform-browser@22.2.6",
        ]),
    },
    Tool {
        name: "cargo-deny",
        version: "0.20.2",
        why: "holds the crate boundaries and the licences",
        how: How::Cargo("cargo-deny"),
    },
    Tool {
        name: "cargo-cyclonedx",
        version: "0.5.9",
        why: "writes the bill of materials",
        how: How::Cargo("cargo-cyclonedx"),
    },
    Tool {
        name: "gitleaks",
        version: "8.30.1",
        why: "looks for secrets in the files and in their history",
        how: How::Go("github.com/zricethezav/gitleaks/v8"),
    },
    Tool {
        name: "actionlint",
        version: "1.7.12",
        why: "reads the workflow of the public home as its runner would",
        how: How::Go("github.com/rhysd/actionlint/cmd/actionlint"),
    },
    Tool {
        name: "zizmor",
        version: "1.32.0",
        why: "looks for unpinned actions and too many rights in the workflow",
        how: How::Python(&["zizmor==1.32.0"]),
    },
    Tool {
        name: "nginx-light",
        version: "system",
        why: "the front of docs/guides/behind-nginx.md",
        how: How::System { program: "nginx" },
    },
    Tool {
        name: "pyjwt",
        version: "2.15.1",
        why: "the library of the Python example in docs/examples",
        how: How::Python(&["pyjwt[crypto]==2.15.1"]),
    },
    Tool {
        name: "azure-functions",
        version: "1.26.0",
        why: "what the host of Azure Functions gives an app in Python, for the double of that host",
        how: How::Python(&["azure-functions==1.26.0"]),
    },
    Tool {
        name: "automations",
        version: "mypy 2.4.1",
        why: "checks the types of the automations, and what their requirements.lock files name",
        how: How::Python(&[
            "mypy==2.4.1",
            "boto3==1.44.5",
            "botocore==1.44.5",
            "jmespath==1.1.0",
            "python-dateutil==2.9.0.post0",
            "s3transfer==0.19.3",
            "six==1.17.0",
            "urllib3==2.8.0",
        ]),
    },
    Tool {
        name: "jose",
        version: "6.2.17",
        why: "the library of the JavaScript example in docs/examples",
        how: How::Npm("jose@6.2.17"),
    },
    Tool {
        name: "cargo-lambda",
        version: "1.9.2",
        why: "builds what is packaged, with zig as the linker and an old C library",
        how: How::Python(&["cargo-lambda==1.9.2"]),
    },
    Tool {
        name: "rust-targets",
        version: "toolchain",
        why: "what the packages are built for",
        how: How::RustTargets(&["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]),
    },
];
