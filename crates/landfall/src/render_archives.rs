//! Archives as they are written: a live line with its throughput on a terminal, one line for each when it is done.

use std::sync::PoisonError;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::render::{Ui, duration, size};

impl Ui {
    /// On a terminal only, and from the first block on.
    pub(crate) fn packing(&self, name: &str, done: u64, total: Option<u64>) {
        let Some(live) = &self.live else { return };
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(name.to_owned()).or_insert_with(|| {
            let bar = match total {
                Some(total) => live.add(ProgressBar::new(total)),
                None => live.add(ProgressBar::new_spinner()),
            };
            let template = match total {
                Some(_) => " {spinner} {prefix} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}",
                None => " {spinner} {prefix} {decimal_bytes}, {decimal_bytes_per_sec}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_prefix(name.to_owned());
            bar
        });
        // Headers come in as well, which the total does not count.
        bar.set_position(done.min(total.unwrap_or(done)));
    }

    pub(crate) fn packed(&self, name: &str, read: u64, written: u64, took: Duration) {
        self.stop(name);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.event(
            json!({"event": "packed", "name": name, "read": read, "size": written, "took_ms": ms}),
        );
        self.story(&packed_line(name, read, written, took));
    }
}

/// ` name  586.0 MB → 95.0 MB in 4.9 s, 120 MB/s`.
fn packed_line(name: &str, read: u64, written: u64, took: Duration) -> String {
    let (read, written) = (read, size(written));
    let mut line = format!(" {name}  {} → {written} in {}", size(read), duration(took));
    // Of a moment no throughput can be told.
    if let Some(rate) = (u128::from(read) * 1000)
        .checked_div(took.as_millis())
        .filter(|_| took >= Duration::from_millis(100))
    {
        line.push_str(&format!(", {} MB/s", rate / 1_000_000));
    }
    line
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::packed_line;

    #[test]
    fn a_line_tells_sizes_and_throughput() {
        let took = Duration::from_millis(4_900);
        assert_eq!(
            packed_line("app.tar.gz", 586_000_000, 95_000_000, took),
            " app.tar.gz  586.0 MB → 95.0 MB in 4.9 s, 119 MB/s"
        );
        assert_eq!(
            packed_line("app.zip", 1000, 400, Duration::ZERO),
            " app.zip  1.0 kB → 400 B in 0 ms"
        );
    }
}
