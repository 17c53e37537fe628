//! Checks with tools in Python: that docs/openapi.json is valid, that the simulator asks and answers as it says, that a
//! client can be generated from it, and that the simulator's object store takes links as S3 does.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::{PROXIES, built, cargo, root, run, target};

/// How many requests schemathesis makes up for each operation, beside those that it derives from examples and limits.
const EXAMPLES: u32 = 5;

/// The same for `cargo xtask long`.
const MANY_EXAMPLES: u32 = 300;

/// The users with a token that python/hooks.py knows.
const TOKENS: usize = 200;

/// Runs all checks.
pub(crate) fn check() -> Result<(), String> {
    let python = python()?;
    run(python.check("valid"))?;
    // What these calls do to its users is nothing to build on.
    run(python.against("asks", &Simulator::start(&[])?, None))?;
    let simulator = Simulator::start(&[])?;
    run(python.against("run", &simulator, Some(EXAMPLES)))?;
    run(python.against("client", &simulator, None))
}

/// Runs schemathesis for about an hour.
pub(crate) fn schemathesis() -> Result<(), String> {
    run(python()?.against("run", &Simulator::start(&[])?, Some(MANY_EXAMPLES)))
}

/// Checks the simulator's object store against botocore.
pub(crate) fn botocore() -> Result<(), String> {
    const KEY: [&str; 2] = ["AKEXAMPLE", "storage-secret"];
    let python = Python::install("botocore", "requirements-botocore.txt", "botocore.session")?;
    let simulator = Simulator::start(&["--storage-key", &KEY.join(":")])?;
    let mut command = python.script("links.py");
    command.arg(&simulator.url).args(KEY);
    run(command)
}

fn python() -> Result<Python, String> {
    let imports = "jsonschema, openapi_python_client, openapi_spec_validator, schemathesis";
    Python::install("openapi", "requirements.txt", imports)
}

/// A Python with packages.
struct Python {
    program: PathBuf,
    folder: PathBuf,
}

fn scripts() -> PathBuf {
    root().join("xtask/python")
}

impl Python {
    /// Installs the packages of a file in python/, unless they are there.
    fn install(folder: &str, requirements: &str, imports: &str) -> Result<Self, String> {
        let folder = target().join(folder);
        let environment = folder.join("venv");
        let python = Self { program: environment.join("bin/python"), folder };
        let (installed, requirements) = (environment.join("installed.txt"), scripts().join(requirements));
        let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
        // An environment doesn't outlive the Python it was made with.
        let mut import = Command::new(&python.program);
        import.arg("-c").arg(format!("import {imports}"));
        if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) && run(import).is_ok() {
            return Ok(python);
        }
        let mut create = Command::new("python3");
        create.args(["-m", "venv", "--clear"]).arg(&environment);
        run(create)?;
        let mut install = Command::new(&python.program);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        install.arg(requirements);
        run(install)?;
        std::fs::write(installed, wanted).map_err(|error| error.to_string())?;
        Ok(python)
    }

    fn check(&self, part: &str) -> Command {
        let mut command = self.script("check.py");
        command.arg(part).arg(root().join("docs/openapi.json"));
        command
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(scripts().join(name)).env("PYTHONDONTWRITEBYTECODE", "1");
        // The simulator is on this machine, where a proxy may not reach it.
        for name in PROXIES {
            command.env_remove(name);
        }
        command
    }

    fn against(&self, part: &str, simulator: &Simulator, examples: Option<u32>) -> Command {
        let mut command = self.check(part);
        command.arg(&simulator.url).arg(&self.folder).args(examples.map(|examples| examples.to_string()));
        command
    }
}

/// The simulator's program, which ends with this value.
struct Simulator {
    child: Child,
    url: String,
}

impl Simulator {
    fn start(options: &[&str]) -> Result<Self, String> {
        cargo(["build", "--locked", "--package", "koodrive-sim"])?;
        let mut command = Command::new(built().join("debug/koodrive-sim"));
        command.args(["--app", "app:secret:app-user", "--token", "Bearer client:client-user"]).args(options);
        for number in 0..TOKENS {
            command.arg("--token").arg(format!("Bearer token-{number}:user-{number}"));
        }
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("the simulator: {error}"))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let simulator = Self { child, url: url.unwrap_or_default() };
        if simulator.url.is_empty() { Err(format!("the simulator says: {line}")) } else { Ok(simulator) }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended by itself, which the calls have noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
