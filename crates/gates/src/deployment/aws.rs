//! Questions to AWS, through its command line program: credentials, regions and endpoints are whatever the user's
//! environment and configuration give it. Nothing here reads a value that could be a secret.

use std::time::Duration;

use anyhow::Result;
use config::StagingGate;
use serde_json::{Value, json};
use world::Cmd;

use super::names::Names;
use super::refusal::{Refusal, not_run, refusal, rubbish};
use super::{AT_A_TIME, Ask, Seen, State};
use crate::side_by_side::side_by_side;
use crate::{Cx, Findings};

/// One `describe-parameters` takes so many names.
pub(crate) const MOST_PARAMETERS: usize = 50;

/// Who has no credentials or no network is told within ten seconds, whatever the program tries.
const CONNECT_S: &str = "2";
const READ_S: &str = "4";
const ATTEMPTS: &str = "2";

/// For whatever the program does besides waiting for the network.
const PATIENCE: Duration = Duration::from_secs(10);

/// What AWS cannot be asked about: the answer is the state.
type Looked = Result<State, State>;

/// Everything that is asked of AWS. Who we are is asked first, so that a missing login is one call and one reason.
pub(crate) fn examine(
    cx: &Cx,
    settings: &StagingGate,
    names: &Names,
    asks: &[Ask],
    findings: &mut Findings,
) -> Result<Vec<Seen>> {
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    let mut one = |template: &Option<String>, what: &str| {
        let template = template.as_ref()?;
        names.fill(what, template, findings).into_iter().next()
    };
    let (region, account) = (
        one(&settings.region, "region"),
        one(&settings.account, "account"),
    );
    let aws = Aws { cx, region };
    let identity = aws.ask(&["sts", "get-caller-identity"]);
    let found = identity.and_then(|answer| match answer.get("Account") {
        Some(Value::String(found)) => Ok(found.clone()),
        _ => Err(rubbish("sts get-caller-identity", &answer)),
    });
    let found = match found {
        Ok(found) => found,
        Err(refusal) => {
            let state = refusal.state("sign in to AWS");
            return Ok(asks.iter().flat_map(|ask| ask.all(&state)).collect());
        }
    };
    findings.evidence("account", found.clone());
    if settings.account.is_some() && account.as_ref() != Some(&found) {
        let expected = account.unwrap_or_else(|| "the configured one".to_owned());
        findings
            .error(format!(
                "the AWS credentials are for account {found}, not for {expected}"
            ))
            .help("sign in to the account of this environment, or mend `account` in the configuration");
        let state = State::Unknown("another account than the configured one".to_owned());
        return Ok(asks.iter().flat_map(|ask| ask.all(&state)).collect());
    }
    let seen = side_by_side(asks, AT_A_TIME, |ask| aws.look(ask));
    Ok(seen.into_iter().flatten().collect())
}

struct Aws<'a> {
    cx: &'a Cx,
    region: Option<String>,
}

impl Aws<'_> {
    fn look(&self, ask: &Ask) -> Vec<Seen> {
        let state = match ask {
            Ask::Table(name) => self.table(name),
            Ask::Bucket(name) => self.bucket(name),
            Ask::Key(name) => self.key(name),
            Ask::Topic(name) => self.topic(name),
            Ask::Parameters(list) => return self.parameters(ask, list),
            Ask::Dashboards(list) => return self.dashboards(ask, list),
            Ask::Http(_) => return Vec::new(),
        };
        ask.all(&state.unwrap_or_else(|state| state))
    }

    fn table(&self, name: &str) -> Looked {
        let absent = "apply the infrastructure, or mend the name of the table";
        let state = |refusal: Refusal| refusal.state(absent);
        let asked = "dynamodb describe-table";
        let answer = self
            .ask(&["dynamodb", "describe-table", "--table-name", name])
            .map_err(state)?;
        let status = text(&answer, "/Table/TableStatus", asked).map_err(state)?;
        if status != "ACTIVE" {
            let help = "wait until it is active, and look at the table if it does not become so";
            return Ok(State::Bad(format!("is {status}, not ACTIVE"), help));
        }
        let asked = "dynamodb describe-continuous-backups";
        let answer = self
            .ask(&[
                "dynamodb",
                "describe-continuous-backups",
                "--table-name",
                name,
            ])
            .map_err(state)?;
        let at = "/ContinuousBackupsDescription/PointInTimeRecoveryDescription/PointInTimeRecoveryStatus";
        let status = text(&answer, at, asked).map_err(state)?;
        Ok(match status {
            "ENABLED" => State::Good("ACTIVE, point-in-time recovery ENABLED".to_owned()),
            status => State::Bad(
                format!("has point-in-time recovery {status}"),
                "set `point_in_time_recovery { enabled = true }` on the table",
            ),
        })
    }

    /// All versions of the answer are metadata: a parameter's value is never fetched.
    fn parameters(&self, ask: &Ask, list: &[(String, bool)]) -> Vec<Seen> {
        let names: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
        let filter = json!([{ "Key": "Name", "Option": "Equals", "Values": names }]).to_string();
        let answer = self.ask(&["ssm", "describe-parameters", "--parameter-filters", &filter]);
        let found = answer.and_then(|answer| match answer.pointer("/Parameters") {
            Some(Value::Array(found)) => Ok(found.clone()),
            _ => Err(rubbish("ssm describe-parameters", &answer)),
        });
        let found = match found {
            Ok(found) => found,
            Err(refusal) => return ask.all(&refusal.state("")),
        };
        let seen = |(name, secure): &(String, bool)| {
            let kind = found
                .iter()
                .find(|parameter| parameter["Name"] == *name)
                .map(|parameter| parameter["Type"].as_str());
            let state = match kind {
                None => State::Bad(
                    "is not there".to_owned(),
                    "put it, or mend the name of the parameter",
                ),
                Some(None) => State::Unknown("AWS did not say of what type it is".to_owned()),
                Some(Some(kind)) if *secure && kind != "SecureString" => State::Bad(
                    format!("is a {kind}, not a SecureString"),
                    "put it again with the type SecureString, and change the secret: it was readable",
                ),
                Some(Some(kind)) => State::Good(kind.to_owned()),
            };
            Seen {
                what: format!("parameter {name}"),
                state,
            }
        };
        list.iter().map(seen).collect()
    }

    fn bucket(&self, name: &str) -> Looked {
        let absent = "apply the infrastructure, or mend the name of the bucket";
        let answer = self
            .ask(&["s3api", "get-bucket-versioning", "--bucket", name])
            .map_err(|refusal| refusal.state(absent))?;
        // A bucket whose versioning was never set has no status, and the program then says nothing at all.
        let versioning = answer["Status"].as_str().unwrap_or("off");
        if versioning != "Enabled" {
            return Ok(State::Bad(
                format!("has versioning {versioning}"),
                "enable versioning on the bucket",
            ));
        }
        let help = "block public access with all four settings of the bucket";
        let answer = match self.ask(&["s3api", "get-public-access-block", "--bucket", name]) {
            Ok(answer) => answer,
            Err(Refusal::Absent) => {
                return Ok(State::Bad("does not block public access".to_owned(), help));
            }
            Err(refusal) => return Err(refusal.state(absent)),
        };
        let block = &answer["PublicAccessBlockConfiguration"];
        if !block.is_object() {
            return Err(rubbish("s3api get-public-access-block", &answer).state(absent));
        }
        let open: Vec<&str> = [
            "BlockPublicAcls",
            "IgnorePublicAcls",
            "BlockPublicPolicy",
            "RestrictPublicBuckets",
        ]
        .into_iter()
        .filter(|setting| block[*setting] != true)
        .collect();
        Ok(match open.is_empty() {
            true => State::Good("versioned, public access blocked".to_owned()),
            false => State::Bad(
                format!("does not block public access: {} is off", open.join(", ")),
                help,
            ),
        })
    }

    fn key(&self, name: &str) -> Looked {
        let absent = "apply the infrastructure, or mend the name of the key";
        let state = |refusal: Refusal| refusal.state(absent);
        let answer = self
            .ask(&["kms", "describe-key", "--key-id", name])
            .map_err(state)?;
        let status = text(&answer, "/KeyMetadata/KeyState", "kms describe-key").map_err(state)?;
        if status != "Enabled" {
            let help = "enable the key, or cancel its deletion";
            return Ok(State::Bad(format!("is {status}, not Enabled"), help));
        }
        // An alias has no rotation, its key has.
        let id = text(&answer, "/KeyMetadata/KeyId", "kms describe-key").map_err(state)?;
        let answer = match self.ask(&["kms", "get-key-rotation-status", "--key-id", id]) {
            Err(Refusal::Unsupported) => {
                return Ok(State::Bad(
                    "is of a kind that AWS does not rotate".to_owned(),
                    "rotate it by hand and take it out of `keys`, or use a symmetric key",
                ));
            }
            answer => answer.map_err(state)?,
        };
        Ok(match answer["KeyRotationEnabled"].as_bool() {
            Some(true) => State::Good("Enabled, rotated".to_owned()),
            Some(false) => State::Bad(
                "is not rotated".to_owned(),
                "set `enable_key_rotation = true` on the key",
            ),
            None => rubbish("kms get-key-rotation-status", &answer).state(absent),
        })
    }

    /// One question however many they are: all dashboards whose names begin as all of ours do.
    fn dashboards(&self, ask: &Ask, list: &[String]) -> Vec<Seen> {
        let mut args = vec!["cloudwatch", "list-dashboards"];
        let prefix = common_prefix(list);
        if !prefix.is_empty() {
            args.extend(["--dashboard-name-prefix", prefix]);
        }
        let answer = self.ask(&args);
        let found = answer.and_then(|answer| match answer.pointer("/DashboardEntries") {
            Some(Value::Array(found)) => Ok(found.clone()),
            _ => Err(rubbish("cloudwatch list-dashboards", &answer)),
        });
        let found = match found {
            Ok(found) => found,
            Err(refusal) => return ask.all(&refusal.state("")),
        };
        let seen = |name: &String| Seen {
            what: format!("dashboard {name}"),
            state: match found.iter().any(|entry| entry["DashboardName"] == **name) {
                true => State::Good("there".to_owned()),
                false => State::Bad(
                    "is not there".to_owned(),
                    "apply the infrastructure, or mend the name of the dashboard",
                ),
            },
        };
        list.iter().map(seen).collect()
    }

    fn topic(&self, arn: &str) -> Looked {
        let absent = "apply the infrastructure, or mend the ARN of the topic";
        let asked = "sns list-subscriptions-by-topic";
        let answer = self
            .ask(&["sns", "list-subscriptions-by-topic", "--topic-arn", arn])
            .map_err(|refusal| refusal.state(absent))?;
        let Some(list) = answer["Subscriptions"].as_array() else {
            return Err(rubbish(asked, &answer).state(absent));
        };
        // One that waits to be confirmed has `PendingConfirmation` in the place of its ARN.
        let confirmed = list
            .iter()
            .filter_map(|subscription| subscription["SubscriptionArn"].as_str())
            .filter(|arn| arn.starts_with("arn:"))
            .count();
        let others = list.len() - confirmed;
        Ok(match confirmed {
            0 => State::Odd(
                format!("has no confirmed subscription, {others} others: nobody hears of an alarm"),
                "subscribe somebody, and confirm the subscription",
            ),
            _ => State::Good(format!(
                "{confirmed} confirmed subscriptions, {others} others"
            )),
        })
    }

    /// One question. Pages of a long answer are followed by the program itself.
    fn ask(&self, args: &[&str]) -> Result<Value, Refusal> {
        let mut cmd = Cmd::new(&self.cx.root, "aws")
            .args(args)
            .args(["--output", "json"])
            .args([
                "--cli-connect-timeout",
                CONNECT_S,
                "--cli-read-timeout",
                READ_S,
            ]);
        if let Some(region) = &self.region {
            cmd = cmd.args(["--region", region]);
        }
        let cmd = cmd
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_MAX_ATTEMPTS", ATTEMPTS)
            .env("AWS_RETRY_MODE", "standard")
            .env("AWS_PAGER", "")
            .env("AWS_CLI_AUTO_PROMPT", "off")
            .timeout(PATIENCE);
        let output = self
            .cx
            .world
            .ask(&cmd)
            .map_err(|error| Refusal::Unknown(not_run(&error)))?;
        if !output.ok() {
            return Err(refusal(&output.errors(), args).unwrap_or_else(|| {
                Refusal::Unknown(format!("{}; run it by hand", output.error()))
            }));
        }
        let said = output.text();
        if said.trim().is_empty() {
            return Ok(Value::Null);
        }
        let answer: Value = serde_json::from_str(&said)
            .map_err(|_| rubbish(&args[..2].join(" "), &Value::String(said)))?;
        if answer
            .get("NextToken")
            .is_some_and(|token| !token.is_null())
        {
            return Err(Refusal::Unknown(format!(
                "`aws {}` gave one page of its answer alone; take what limits it out of the configuration of `aws`",
                args[..2].join(" ")
            )));
        }
        Ok(answer)
    }
}

fn text<'v>(answer: &'v Value, at: &str, asked: &str) -> Result<&'v str, Refusal> {
    answer
        .pointer(at)
        .and_then(Value::as_str)
        .ok_or_else(|| rubbish(asked, answer))
}

/// The longest beginning that all names share.
fn common_prefix(names: &[String]) -> &str {
    let Some((first, rest)) = names.split_first() else {
        return "";
    };
    let mut end = first.len();
    for name in rest {
        let same = first
            .char_indices()
            .zip(name.chars())
            .find(|((_, ours), theirs)| ours != theirs)
            .map_or(first.len().min(name.len()), |((at, _), _)| at);
        end = end.min(same);
    }
    first.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::common_prefix;

    #[test]
    fn names_share_a_beginning() {
        for (names, prefix) in [
            (vec!["pm-staging"], "pm-staging"),
            (vec!["pm-a", "pm-b", "pm"], "pm"),
            (vec!["äb", "äc"], "ä"),
            (vec!["a", "b"], ""),
            (vec![], ""),
        ] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(common_prefix(&names), prefix);
        }
    }
}
