//! Whether a web address answers as it should, through `curl`.

use std::time::Duration;

use config::HttpCheck;
use world::{Cmd, CmdError, Failure};

use super::{Ask, Seen, State};
use crate::Cx;

/// `curl` keeps its own deadline; this one is for a `curl` that does not.
const GRACE: Duration = Duration::from_secs(5);

/// A longer answer is no health check.
const MOST_BYTES: &str = "4194304";

pub(crate) fn ask(cx: &Cx, check: &HttpCheck) -> Seen {
    let what = Ask::Http(check.clone()).what().concat();
    let state = look(cx, check);
    Seen { what, state }
}

fn look(cx: &Cx, check: &HttpCheck) -> State {
    let is_web = ["http://", "https://"]
        .iter()
        .any(|scheme| check.url.starts_with(scheme));
    if !is_web {
        return State::Bad(
            "is no web address".to_owned(),
            "write an address that begins with https:// or http://",
        );
    }
    let limit = check.timeout_s.to_string();
    // The first option leaves the user's own .curlrc out: it could change what is printed.
    let cmd = Cmd::new(&cx.root, "curl")
        .args(["-q", "--silent", "--show-error", "--globoff"])
        .args(["--max-time", &limit, "--max-filesize", MOST_BYTES])
        .args(["--write-out", "\n%{http_code} %{time_connect}"])
        .args(["--url", &check.url])
        .timeout(Duration::from_secs(check.timeout_s) + GRACE);
    let output = match cx.world.ask(&cmd) {
        Ok(output) => output,
        Err(error) => return not_run(&error),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let (body, last) = text.rsplit_once('\n').unwrap_or(("", &text));
    let figures = last.split_once(' ').and_then(|(status, connect)| {
        Some((status.parse::<u64>().ok()?, connect.parse::<f64>().ok()?))
    });
    let Some((status, connect)) = figures else {
        return State::Unknown(format!(
            "`curl` answered something else; {}",
            output.error()
        ));
    };
    if !output.ok() {
        return failed(output.code, &output.errors(), connect > 0.0, check);
    }
    if status != check.status {
        return State::Bad(
            format!("answers {status}, not {}", check.status),
            "look at the logs of the deployment, or mend `status` in the configuration",
        );
    }
    if let Some(wanted) = &check.contains
        && !body.contains(wanted.as_str())
    {
        return State::Bad(
            format!("answers {status} without the text `{wanted}`"),
            "look at what it answers, or mend `contains` in the configuration",
        );
    }
    State::Good(match &check.contains {
        Some(wanted) => format!("{status}, with `{wanted}`"),
        None => status.to_string(),
    })
}

/// A deployment that takes the call and then says nothing sensible is broken; one that could not be called may be
/// behind a network that is not ours.
fn failed(code: Option<i32>, said: &str, connected: bool, check: &HttpCheck) -> State {
    const LOOK: &str = "look at the logs of the deployment";
    match code {
        Some(28) if connected => State::Bad(
            format!("gave no whole answer within {} s", check.timeout_s),
            "look at the logs of the deployment, or allow more time with `timeout_s`",
        ),
        // Certificate and handshake, an answer cut off, none at all, or no HTTP.
        Some(1 | 8 | 18 | 35 | 51 | 52 | 56 | 60 | 63 | 92) => {
            State::Bad(format!("does not answer properly: {said}"), LOOK)
        }
        Some(7) if said.contains("refused") || said.contains("Couldn't connect to server") => {
            State::Bad(format!("refuses the connection: {said}"), LOOK)
        }
        Some(code) => State::Unknown(format!(
            "`curl` could not call it (exit status {code}): {said}; look at the network"
        )),
        None => State::Unknown("`curl` was ended by a signal; try again".to_owned()),
    }
}

fn not_run(error: &anyhow::Error) -> State {
    State::Unknown(
        match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
            Some(Failure::Missing) => "`curl` is not on the search path; install it".to_owned(),
            _ => format!("{error:#}"),
        },
    )
}
