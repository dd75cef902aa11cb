//! `[gates.benchmarks]`: measured figures, and what they have to be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Measured figures against targets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BenchmarksGate {
    /// The targets. For example: redaction in less than 5 ms from criterion, the datastore in less than 100 ms from a
    /// table, end to end in less than 500 ms from JSON, and never slower by more than a tenth than the last release:
    ///
    /// ```text
    /// [[gates.benchmarks.target]]
    /// name = "redaction"
    /// max = "5 ms"
    /// source = "target/criterion/redaction/new/estimates.json"
    ///
    /// [[gates.benchmarks.target]]
    /// name = "datastore"
    /// max = "100 ms"
    /// source = "docs/benchmarks.md"
    /// select = "Datastore write"
    ///
    /// [[gates.benchmarks.target]]
    /// name = "end to end"
    /// max = "500 ms"
    /// source = "bench/results.json"
    /// max_regression_pct = 10
    /// ```.
    pub target: Vec<BenchmarkTarget>,

    /// A figure older than this many days is too old. Default: any age is shown, none is too old.
    #[schemars(range(min = 0))]
    pub max_age_days: Option<u64>,

    /// What is taken of criterion's estimates.
    pub criterion: Statistic,
}

/// A figure and what it has to be. One of `max` and `min` has to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkTarget {
    /// What it is called in reports; and in the source, unless `select` says otherwise.
    #[schemars(length(min = 1))]
    pub name: String,

    /// The figure has to be below it, and lower is better: `5 ms`. Units: `ns` `µs` `us` `ms` `s` `min`, `B` `kB` `MB` `GB`
    /// `KiB` `MiB` `GiB`, `ops/s` `kops/s` `Mops/s`, `%`.
    #[schemars(length(min = 1))]
    pub max: Option<String>,

    /// The figure has to reach it, and higher is better: `20000 ops/s`.
    #[schemars(length(min = 1))]
    pub min: Option<String>,

    /// Where the figure stands: a path, or a glob that names one file. Criterion's `estimates.json`; JSON, either
    /// `[{"name": "…", "value": 4.2, "unit": "ms"}]` or anything that `select` points into; Markdown with a table.
    #[schemars(length(min = 1))]
    pub source: String,

    /// Which figure it is: the name of the entry in plain JSON; the first cell of a row in Markdown, `Write`, and the
    /// column where several hold figures, `Write | p99`; a JSON pointer, `/redaction/p99`; for a glob over criterion's
    /// folders the id of the benchmark. Default: the name.
    #[schemars(length(min = 1))]
    pub select: Option<String>,

    /// The unit of a JSON source which has none, such as a bare number under a pointer.
    #[schemars(length(min = 1))]
    pub unit: Option<String>,

    /// By so many of a hundred may the figure be worse than in the same source at the tag of the release before.
    #[schemars(range(min = 0))]
    pub max_regression_pct: Option<u64>,
}

/// What is taken of criterion's estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// The mean of all samples.
    #[default]
    Mean,
    /// The sample in the middle: outliers count for nothing.
    Median,
}
