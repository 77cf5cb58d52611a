//! The commands that the parts of the test run are made of.

/// One command. `{tools}` stands for the tools' folder, `{target}` for cargo's.
pub(crate) struct Step {
    pub(crate) words: &'static [&'static str],
    pub(crate) env: &'static [(&'static str, &'static str)],
}

/// A command as it is.
pub(crate) const fn step(words: &'static [&'static str]) -> Step {
    Step { words, env: &[] }
}

/// One pass of clippy over one host, as no binary links two of them.
macro_rules! clippy_of_host {
    ($platform:literal) => {
        $crate::steps::step(&[
            "cargo",
            "clippy",
            "-p",
            "gatelet-host",
            "--all-targets",
            "--no-default-features",
            "--features",
            $platform,
            "--",
            "-D",
            "warnings",
        ])
    };
}
pub(crate) use clippy_of_host;

/// The tests of one package that a service must answer: `tests of package, in test files, filters`.
macro_rules! with_services {
    ($package:literal, [$($file:literal),+] $(, $filter:literal)*) => {
        $crate::steps::step(&["cargo", "test", "-p", $package, $("--test", $file,)+ "--", "--ignored" $(, $filter)*])
    };
}
pub(crate) use with_services;

/// The story, told on one host by the binaries that `build` made.
macro_rules! story {
    ($name:literal) => {
        $crate::steps::Step {
            env: &[("TEST_BINARIES", "{target}/debug")],
            ..$crate::steps::with_services!("gatelet-story", ["story"], $name)
        }
    };
}
pub(crate) use story;

/// Every door, as the tests start it: in cargo's own profile, in which `unit` has compiled most of it already. Three
/// commands, because no executable links two clouds.
pub(crate) const BUILD: [Step; 3] = [
    step(&[
        "cargo",
        "build",
        "-p",
        "login",
        "-p",
        "token",
        "-p",
        "revoke",
        "-p",
        "run-automation",
        "-p",
        "attempt",
        "-p",
        "console",
        "-p",
        "work-automation",
        "-p",
        "upkeep",
        "--features",
        "login/lambda,token/lambda,revoke/lambda,run-automation/lambda,attempt/lambda,console/lambda,\
         work-automation/lambda,upkeep/lambda",
    ]),
    step(&["cargo", "build", "-p", "all", "--features", "azure", "--bin", "handler"]),
    step(&["cargo", "build", "-p", "gatelet-cli"]),
];

/// Stories whose log shows a table.
macro_rules! shown {
    ($file:literal) => {
        Step {
            words: &[
                "cargo",
                "test",
                "-p",
                "gatelet-story",
                "--test",
                $file,
                "--",
                "--ignored",
                "--show-output",
            ],
            env: &[("TEST_BINARIES", "{target}/debug")],
        }
    };
}

/// One sign-in on every host.
pub(crate) const SIGN_IN: Step = shown!("sign_in");

/// One run on every host.
pub(crate) const RUN: Step = shown!("run");

/// One run that reads a cloud.
pub(crate) const INVENTORY: Step = shown!("inventory");

/// Tests of the built executables that need no service.
pub(crate) const DOORS: Step = Step {
    env: &[("TEST_BINARIES", "{target}/debug")],
    ..with_services!("gatelet-story", ["doors"])
};

/// The commands of the documentation, by the built executable and with what their examples import.
pub(crate) const WALKS: Step = Step {
    env: &[
        ("TEST_BINARIES", "{target}/debug"),
        ("TEST_PYJWT", "{tools}/pyjwt/bin"),
        ("TEST_NODE_MODULES", "{tools}/jose/node_modules"),
    ],
    ..with_services!("gatelet-story", ["walks"])
};
