//! Other surroundings for the commands of a second build: what must not have a part in the bytes of a release.
//!
//! Only what a sound build does not notice. The home folder is left alone: package managers keep in it what they install
//! without a network.

use std::path::Path;

use anyhow::Result;
use world::{Cmd, World};

/// Far from UTC in either direction; the first that is not the user's own. As a rule of POSIX where there are no zone files.
const ZONES: [(&str, &str); 2] = [
    ("Pacific/Kiritimati", "XXX-14"),
    ("Pacific/Pago_Pago", "XXX+11"),
];
const ZONE_FILES: &str = "/usr/share/zoneinfo";

/// Sorted by how much they differ from what programs expect: `i` without its dot, a comma in numbers.
const LOCALES: [&str; 6] = [
    "tr_TR.utf8",
    "fr_FR.utf8",
    "de_DE.utf8",
    "en_US.utf8",
    "C.utf8",
    "C",
];

/// The environment of a second build. Its mask is that of the first: package managers pack the modes that files have.
pub(crate) struct Variation {
    env: Vec<(&'static str, String)>,
}

impl Variation {
    /// Something else than what the world has.
    pub(crate) fn of(world: &World, cwd: &Path) -> Result<Variation> {
        let now = |name: &str| world.env(name).map(|value| value.to_string_lossy());
        let zone = ZONES
            .iter()
            .find(|(zone, _)| now("TZ").is_none_or(|now| now.trim_start_matches(':') != *zone))
            .map(
                |(zone, rule)| match Path::new(ZONE_FILES).join(zone).exists() {
                    true => *zone,
                    false => *rule,
                },
            );
        let locale = locale(world, cwd)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if cores > 1 { cores - 1 } else { 2 }.to_string();
        let mut env = vec![
            ("TZ", zone.unwrap_or("UTC").to_owned()),
            ("LC_ALL", locale.clone()),
            ("LANG", locale),
            ("USER", "another".to_owned()),
            ("LOGNAME", "another".to_owned()),
            ("HOSTNAME", "another-machine".to_owned()),
        ];
        let readers = [
            "CARGO_BUILD_JOBS",
            "CMAKE_BUILD_PARALLEL_LEVEL",
            "GOMAXPROCS",
            // `nproc` obeys it too.
            "OMP_NUM_THREADS",
            "RAYON_NUM_THREADS",
        ];
        env.extend(readers.map(|name| (name, threads.clone())));
        Ok(Variation { env })
    }

    /// The command in these surroundings.
    pub(crate) fn apply(&self, cmd: Cmd) -> Cmd {
        self.env
            .iter()
            .fold(cmd, |cmd, (name, value)| cmd.env(name, value.as_str()))
    }

    /// In words, for an error.
    pub(crate) fn said(&self) -> String {
        let pairs: Vec<String> = self
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join(" ")
    }
}

/// A locale that exists here and is not the one in force. Not one without UTF-8 where there is another: programs that
/// fail at a file name in it are no news.
fn locale(world: &World, cwd: &Path) -> Result<String> {
    let known = match world.ask(&Cmd::new(cwd, "locale").arg("-a")) {
        Ok(output) => output.text(),
        Err(error) => {
            world.check_interrupt()?;
            format!("C ({error})")
        }
    };
    let plain = |name: &str| name.to_lowercase().replace('-', "");
    // The first build has the plain one.
    let now = "c";
    let other = LOCALES.into_iter().find(|wanted| {
        plain(wanted) != now
            && known
                .lines()
                .any(|line| plain(line.trim()) == plain(wanted))
    });
    Ok(other.unwrap_or("C").to_owned())
}
