//! Why `aws` gave no answer: a thing that is not there is told apart from everything that kept us from seeing it.

use serde_json::Value;
use world::{CmdError, Failure};

use super::State;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// AWS says that there is no such thing.
    Absent,
    /// AWS says that this cannot be asked of that thing.
    Unsupported,
    /// Why, and what to do.
    Unknown(String),
}

impl Refusal {
    pub(super) fn state(self, absent: &'static str) -> State {
        match self {
            Refusal::Absent => State::Bad("is not there".to_owned(), absent),
            Refusal::Unsupported => State::Unknown("AWS cannot say this of it".to_owned()),
            Refusal::Unknown(why) => State::Unknown(why),
        }
    }
}

/// Codes that say that there is no such thing.
const ABSENT: &[&str] = &[
    "ResourceNotFoundException",
    "ResourceNotFound",
    "TableNotFoundException",
    "NotFoundException",
    "NotFound",
    "NoSuchBucket",
    "NoSuchPublicAccessBlockConfiguration",
];

/// Codes that say that the credentials are not good any more, or never were.
const STALE: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthFailure",
];

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "403",
];

/// Words of the program itself, and what to do about them.
const REMEDIES: &[(&str, &str)] = &[
    (
        "Unable to locate credentials",
        "there are no AWS credentials; sign in, or set AWS_PROFILE",
    ),
    (
        "Partial credentials found",
        "half of the AWS credentials is missing; set both the id and the secret of the access key",
    ),
    (
        "config profile",
        "the profile of AWS_PROFILE is not configured; set it to one that is",
    ),
    (
        "Token has expired",
        "the session has expired; run `aws sso login`",
    ),
    ("SSO", "there is no session; run `aws sso login`"),
    (
        "You must specify a region",
        "there is no AWS region; set gates.staging.region or AWS_DEFAULT_REGION",
    ),
    (
        "Could not connect to the endpoint URL",
        "AWS cannot be reached; look at the network and at AWS_ENDPOINT_URL",
    ),
    (
        "Connect timeout",
        "AWS cannot be reached; look at the network",
    ),
    (
        "Read timeout",
        "AWS does not answer; look at the network and try again",
    ),
];

/// What a failed call says: `An error occurred (CODE) when calling the …`, or the program's own words.
pub(super) fn refusal(said: &str, args: &[&str]) -> Option<Refusal> {
    let code = said
        .split_once("An error occurred (")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(code, _)| code);
    let asked = args.get(..2).unwrap_or(args).join(" ");
    let last = said.lines().last().unwrap_or_default().trim();
    let Some(code) = code else {
        let (_, remedy) = REMEDIES.iter().find(|(sign, _)| said.contains(sign))?;
        return Some(Refusal::Unknown(format!("{remedy} ({last})")));
    };
    Some(match code {
        code if ABSENT.contains(&code) => Refusal::Absent,
        "UnsupportedOperationException" => Refusal::Unsupported,
        code if STALE.contains(&code) => Refusal::Unknown(format!(
            "AWS does not take the credentials ({code}); sign in again"
        )),
        code if DENIED.contains(&code) => Refusal::Unknown(format!(
            "AWS refuses `aws {asked}` ({code}); let this identity read it"
        )),
        code => Refusal::Unknown(format!("`aws {asked}` failed ({code}): {last}")),
    })
}

/// The program could not be run to its end.
pub(super) fn not_run(error: &anyhow::Error) -> String {
    match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
        Some(Failure::Missing) => {
            "`aws` is not on the search path; install the AWS command line".to_owned()
        }
        Some(Failure::TimedOut(limit)) => format!(
            "`aws` gave no answer within {} s; look at the network, or at how it gets its credentials",
            limit.as_secs()
        ),
        _ => format!("{error:#}"),
    }
}

/// It ended well and said something that is no answer.
pub(super) fn rubbish(asked: &str, answer: &Value) -> Refusal {
    let said: String = answer.to_string().chars().take(120).collect();
    Refusal::Unknown(format!("`aws {asked}` answered something else: {said}"))
}

#[cfg(test)]
mod tests {
    use super::{Refusal, refusal};

    #[test]
    fn only_what_aws_says_is_not_there_is_not_there() {
        let said = |code: &str| {
            let text = format!("\nAn error occurred ({code}) when calling the X operation: why");
            refusal(&text, &["kms", "describe-key"]).unwrap()
        };
        assert!(matches!(said("NotFoundException"), Refusal::Absent));
        for (code, remedy) in [
            ("ExpiredTokenException", "sign in again"),
            ("AccessDeniedException", "let this identity read it"),
            (
                "ThrottlingException",
                "failed (ThrottlingException): An error",
            ),
        ] {
            let Refusal::Unknown(why) = said(code) else {
                panic!("{code}");
            };
            assert!(why.contains(remedy), "{why}");
        }
        assert!(refusal("Traceback (most recent call last)", &["x"]).is_none());
    }
}
