//! An organization in the emulator, a directory that describes it, and the command run on it.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use dodai_api::{Client, Endpoints, Settings};
use dodai_testbed::{Options, Running, Upstream, start};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const MANAGEMENT: &str = "123456789012";
const HOME: &str = "ap-northeast-1";

pub struct World {
    runtime: Runtime,
    running: Running,
    client: Client,
    folder: TempDir,
    organization: String,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exit code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

impl World {
    /// A fresh emulator with an organization, and a copy of `tests/cli/directories/<name>` that describes it.
    pub fn new(name: &str) -> Self {
        Self::of(&Path::new("tests/cli/directories").join(name))
    }

    /// As `new`, with the directory that people start from.
    pub fn starter() -> Self {
        let world = Self::of(Path::new("../../examples/starter"));
        world.replace("accounts/management.yaml", "aws-management@example.com", "master@example.com");
        world
    }

    fn of(source: &Path) -> Self {
        let moto = std::env::var_os("DODAI_MOTO")
            .expect("DODAI_MOTO must name the moto_server program; `cargo xtask test` installs it and sets this");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let options = Options { upstream: Upstream::Program(moto.into()), ..Options::default() };
        let running = runtime.block_on(start(options)).unwrap();
        let client = runtime.block_on(async {
            let endpoints = Endpoints::from_variables([("AWS_ENDPOINT_URL".to_owned(), running.url.clone())], false);
            let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
            let provider = aws_credential_types::provider::SharedCredentialsProvider::new(credentials);
            Client::with_credentials(Settings::new(HOME.parse().unwrap()), endpoints, provider)
        });
        let folder = tempfile::tempdir().unwrap();
        let mut world = Self { runtime, running, client, folder, organization: String::new() };
        let made = world.call(MANAGEMENT, HOME, "organizations", "CreateOrganization", &json!({"FeatureSet": "ALL"}));
        made["Organization"]["Id"].as_str().unwrap().clone_into(&mut world.organization);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(source), world.folder.path());
        world.replace("dodai.yaml", "o-exampleorgid", &world.organization.clone());
        world
    }

    pub fn organization_id(&self) -> String {
        self.organization.clone()
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} does not contain {from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    pub fn dodai(&self, args: &[&str]) -> Ended {
        self.dodai_with(args, &[])
    }

    pub fn dodai_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ended {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        Ended::of(&command.output().unwrap())
    }

    /// The command without credentials, where nothing can be reached.
    pub fn offline(&self, args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env_remove(name);
        }
        Ended::of(&command.output().unwrap())
    }

    /// A copy of the directory in another place, without the state.
    pub fn without_state(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        for part in ["accounts", "policies"] {
            std::fs::create_dir_all(place.join(part)).unwrap();
            copy(&self.folder.path().join(part), &place.join(part));
        }
        std::fs::copy(self.folder.path().join("dodai.yaml"), place.join("dodai.yaml")).unwrap();
        folder
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dodai"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_ENDPOINT_URL", &self.running.url)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    /// A call by hand, in any account.
    pub fn call(&self, account: &str, region: &str, service: &str, operation: &str, params: &Value) -> Value {
        let (account, region) = (account.parse().unwrap(), region.parse().unwrap());
        self.runtime
            .block_on(self.client.call(&account, &region, service, operation, params))
            .unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// The id of an account of the directory.
    pub fn account(&self, name: &str) -> String {
        let reply = self.call(MANAGEMENT, HOME, "organizations", "ListAccounts", &json!({}));
        let emails = ["", "aws-"].map(|prefix| json!(format!("{prefix}{name}@example.com")));
        let accounts = reply["Accounts"].as_array().unwrap();
        let account = accounts.iter().find(|account| emails.contains(&account["Email"]));
        account.unwrap_or_else(|| panic!("there is no account {emails:?}"))["Id"].as_str().unwrap().to_owned()
    }

    /// The score that `assess` gives an account, in percent.
    pub fn score(&self, account: &str) -> i64 {
        let assessed = self.dodai(&["assess", "--quiet", "--format", "json", "--account", account]);
        assert!([0, 3].contains(&assessed.code), "{assessed}");
        let score = &assessed.json()["score"];
        let count = |name: &str| score[name].as_i64().unwrap();
        100 * count("passed") / (count("passed") + count("failed") + count("unknown"))
    }

    pub fn fault(&self, rule: &Value) {
        self.control("POST", "/testbed/fault", &rule.to_string());
    }

    /// From now on so many of a hundred calls are disturbed, by a seed.
    pub fn disturb(&self, seed: u64, percent: u8) {
        let schedule = json!({"seed": seed, "percent": percent, "millis": 300});
        self.control("POST", "/testbed/disturb", &schedule.to_string());
    }

    /// All that was answered since the log was last forgotten.
    pub fn calls(&self) -> Vec<Value> {
        let reply: Value = serde_json::from_str(&self.control("GET", "/testbed/calls", "")).unwrap();
        reply.as_array().unwrap().clone()
    }

    pub fn forget_calls(&self) {
        self.control("DELETE", "/testbed/calls", "");
    }

    pub fn unimplemented(&self) -> Vec<String> {
        let reply: Value = serde_json::from_str(&self.control("GET", "/testbed/unimplemented", "")).unwrap();
        match reply {
            Value::Object(found) => found.into_iter().map(|(name, _)| name).collect(),
            Value::Array(found) => found.into_iter().map(|name| name.to_string()).collect(),
            other => panic!("{other}"),
        }
    }

    /// `<account>/<region> <service>.<operation>` of each call that changed something.
    pub fn mutating_calls(&self) -> Vec<String> {
        let reply: Value = serde_json::from_str(&self.control("GET", "/testbed/calls", "")).unwrap();
        let calls = reply.as_array().cloned().or_else(|| reply["calls"].as_array().cloned()).unwrap();
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        calls
            .iter()
            .filter(|call| call["mutating"] == json!(true) && text(call, "service") != "sts")
            .map(|call| {
                format!(
                    "{}/{} {}.{}",
                    text(call, "account"),
                    text(call, "region"),
                    text(call, "service"),
                    text(call, "operation")
                )
            })
            .collect()
    }

    /// One of the testbed's own controls; the reply's body.
    pub fn control(&self, method: &str, path: &str, body: &str) -> String {
        let address = self.running.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200"), "{method} {path}: {reply}");
        reply.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Runs the command until its next changing call but `after` waits: before its effect (`hang`) or with it, for its
    /// reply (`hold`). The error is how it ended without so many.
    pub fn dodai_waiting(&self, args: &[&str], kind: &str, after: usize) -> Result<Child, Ended> {
        let waited = || self.control("GET", "/testbed/waited", "");
        let before = waited();
        self.fault(&json!({
            "service": "*", "mutating": true, "kind": kind, "after": after, "times": 1, "millis": 3_600_000,
        }));
        let said = tempfile::NamedTempFile::new().unwrap();
        let mut child = self.command(args).stdout(Stdio::null()).stderr(said.reopen().unwrap()).spawn().unwrap();
        let mut ended = None;
        while ended.is_none() && waited() == before {
            std::thread::sleep(Duration::from_millis(5));
            ended = child.try_wait().unwrap();
        }
        self.control("POST", "/testbed/clear", "");
        let Some(status) = ended else { return Ok(child) };
        let stderr = std::fs::read_to_string(said.path()).unwrap();
        Err(Ended { code: status.code().unwrap_or(-1), stdout: String::new(), stderr })
    }

    /// Runs the command with no room for files above 512 or 1024 bytes (what a unit of `ulimit -f` is, depends on the
    /// shell).
    pub fn dodai_without_room(&self, args: &[&str]) -> Ended {
        let whole = self.command(args);
        let mut command = Command::new("sh");
        command.args(["-c", r#"trap "" XFSZ; ulimit -f 1; exec "$0" "$@""#]).arg(whole.get_program());
        command.args(whole.get_args()).env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        command.envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Ended::of(&command.output().unwrap())
    }

    /// What a person does who knows that the holder is dead and does not wait for the lock to expire.
    pub fn remove_lock(&self) {
        std::fs::remove_file(self.folder.path().join(".dodai/lock.json")).unwrap();
    }

    /// What there is, without the ids that every run gives anew: kind, account, Region, name, and how many of it.
    pub fn end_state(&self) -> Value {
        let parts: Vec<String> = [
            ("unit", "null as account, null as region, Name", "aws_organizations_unit"),
            ("account", "null as account, null as region, concat(Email, ' ', Status)", "aws_organizations_account"),
            ("policy", "null as account, null as region, concat(Type, ' ', Name)", "aws_organizations_policy"),
            (
                "attachment",
                "null as account, null as region, concat(policy_type, ' ', policy_name, ' ', Name)",
                "aws_organizations_policy_attachment",
            ),
            ("key", "account_name, region, KeyManager", "aws_kms_key where KeyManager = 'CUSTOMER'"),
            ("alias", "account_name, region, AliasName", "aws_kms_alias"),
            // A bucket's name ends in the account's id.
            ("bucket", "account_name, null as region, left(Name, character_length(Name) - 12)", "aws_s3_bucket"),
            ("trail", "account_name, region, Name", "aws_cloudtrail_trail"),
            ("recorder", "account_name, region, name", "aws_config_recorder"),
            ("channel", "account_name, region, name", "aws_config_delivery_channel"),
            ("detector", "account_name, region, Status", "aws_guardduty_detector"),
            ("hub", "account_name, region, null as name", "aws_securityhub_hub"),
            ("aggregator", "account_name, region, RegionLinkingMode", "aws_securityhub_finding_aggregator"),
            ("automation rule", "account_name, region, RuleName", "aws_securityhub_automation_rule"),
            ("role", "account_name, null as region, RoleName", "aws_iam_role"),
            ("log group", "account_name, region, logGroupName", "aws_logs_group"),
        ]
        .iter()
        .map(|(kind, columns, table)| format!("select '{kind}', {columns} from {table}"))
        .collect();
        let things = parts.join(" union all ");
        let sql = format!(
            "select kind, account, region, name, count(*) as n from ({things}) as things (kind, account, region, name) \
             group by kind, account, region, name order by kind, account, region, name"
        );
        let state = self.dodai(&["query", "--quiet", "--format", "json", &sql]);
        assert_eq!(state.code, 0, "{state}");
        state.json()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}
