//! `dodai-testbed`: the testbed as a program, for trying things by hand and for tests that run in other processes.

use std::process::ExitCode;
use std::time::Duration;

use dodai_testbed::{Options, Schedule, Upstream, start};

const USAGE: &str = "\
usage: dodai-testbed (--moto PROGRAM | --upstream URL | --nowhere) [option …]

  --moto PROGRAM            start this moto_server and stop it at the end
  --upstream URL            use a moto server that runs already
  --nowhere                 answer 501 where the testbed has no answer of its own
  --listen ADDRESS          default 127.0.0.1:0 (a free port)
  --no-managed-policies     start moto without AWS's managed policies (they cost 37 MB an account)
  --create-account-reads N  reads that say IN_PROGRESS (default 2)
  --create-account-ms N     a creation also ends by itself after this time
  --policy-type-reads N     reads that say PENDING_ENABLE (default 1)
  --region-reads N          reads that say ENABLING (default 1)
  --standards-reads N       reads that say PENDING (default 1)
  --disturb JSON            disturb a share of all calls: {\"seed\": 7, \"percent\": 30} (see POST URL/testbed/disturb)
  --limits PERCENT          throttle by token buckets of this share of the published limits
  --visible-after-ms N      changes are not seen for this time by reads that were made before
  --session-ms N            keys of sessions expire after this time
  --record                  remember replies, for GET /testbed/recording
  --scale FILE              answer many accounts from what was recorded of a few, at the published rates

Prints its URL on one line and runs until it is interrupted. Set AWS_ENDPOINT_URL to it; access key `test` is account
123456789012. GET URL/testbed lists the controls.";

#[tokio::main]
async fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match start(options).await {
        Ok(running) => {
            println!("{}", running.url);
            interrupted().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    let mut upstream = None;
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{name}` wants a value"));
        match name.as_str() {
            "--moto" => upstream = Some(Upstream::Program(value()?.into())),
            "--upstream" => upstream = Some(Upstream::Url(value()?)),
            "--nowhere" => upstream = Some(Upstream::Nowhere),
            "--listen" => options.listen = number(&value()?, &name)?,
            "--no-managed-policies" => options.managed_policies = false,
            "--create-account-reads" => options.create_account_reads = number(&value()?, &name)?,
            "--create-account-ms" => {
                options.create_account_after = Some(Duration::from_millis(number(&value()?, &name)?));
            }
            "--policy-type-reads" => options.policy_type_reads = number(&value()?, &name)?,
            "--region-reads" => options.region_reads = number(&value()?, &name)?,
            "--standards-reads" => options.standards_reads = number(&value()?, &name)?,
            "--disturb" => options.schedule = Some(Schedule::from_json(value()?.as_bytes())?),
            "--limits" => options.limits = Some(number(&value()?, &name)?),
            "--visible-after-ms" => {
                options.visible_after = Some(Duration::from_millis(number(&value()?, &name)?));
            }
            "--session-ms" => options.session = Some(Duration::from_millis(number(&value()?, &name)?)),
            "--record" => options.record = true,
            "--scale" => options.scale = Some(value()?.into()),
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    options.upstream = upstream.ok_or("one of `--moto`, `--upstream` and `--nowhere` is needed")?;
    Ok(options)
}

fn number<T: std::str::FromStr>(text: &str, name: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a value for `{name}`"))
}

/// Waits for Ctrl-C or, on Unix, a request to terminate.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let check = |line: &str, expected: Result<Options, &str>| {
            assert_eq!(parse(line.split_whitespace().map(str::to_owned)), expected.map_err(str::to_owned), "{line}");
        };
        let nowhere = Options { upstream: Upstream::Nowhere, ..Options::default() };
        check("--nowhere", Ok(nowhere.clone()));
        let slow = Options { create_account_reads: 9, managed_policies: false, ..nowhere };
        check("--nowhere --create-account-reads 9 --no-managed-policies", Ok(slow));
        let program = Options { upstream: Upstream::Program("moto_server".into()), ..Options::default() };
        check("--moto moto_server", Ok(program));
        let disturbed = Options {
            schedule: Some(Schedule::from_json(br#"{"seed":7}"#).unwrap()),
            limits: Some(50),
            visible_after: Some(Duration::from_secs(3)),
            session: Some(Duration::from_millis(1_500)),
            ..Options::default()
        };
        check(r#"--nowhere --disturb {"seed":7} --limits 50 --visible-after-ms 3000 --session-ms 1500"#, Ok(disturbed));
        check(r#"--disturb {"percent":200}"#, Err("`percent` is at most 100, not 200"));
        check("", Err("one of `--moto`, `--upstream` and `--nowhere` is needed"));
        check("--moto", Err("`--moto` wants a value"));
        check("--nowhere --listen here", Err("`here` is not a value for `--listen`"));
        check("--quick", Err("unknown option `--quick`"));
    }
}
