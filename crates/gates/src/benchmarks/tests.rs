//! Every form of a source, and why there is no figure in it.

use config::{BenchmarkTarget, Statistic};

use super::{Figure, figure, plain};

fn target(select: &str, unit: Option<&str>) -> BenchmarkTarget {
    BenchmarkTarget {
        name: "x".to_owned(),
        max: Some("5 ms".to_owned()),
        min: None,
        source: String::new(),
        select: Some(select.to_owned()),
        unit: unit.map(str::to_owned),
        max_regression_pct: None,
    }
}

fn of(path: &str, text: &str, select: &str, unit: Option<&str>) -> Result<Figure, String> {
    figure(path, text, &target(select, unit), Statistic::Mean)
}

fn ms(figure: &Figure) -> f64 {
    figure.quantity.in_unit(config::unit("ms").unwrap())
}

#[track_caller]
fn is(found: Result<Figure, String>, milliseconds: f64) -> Figure {
    let found = found.unwrap();
    assert!((ms(&found) - milliseconds).abs() < 1e-9, "{found:?}");
    found
}

const TABLE: &str = "\
# Figures

Measured: 2026-11-01

| Operation | Target | Measured | Notes |
|---|---|---|---|
| Redaction | < 5 ms | **1,292 ns** | fine |
| Storage | < 100 ms | `3.2 µs` | |
| Rough | 9 ms | ~5ms | |
| Spread | 9 ms | 4.2 ms ± 0.3 ms | |
| Wish | 9 ms | < 5 ms | |
| Bare | 9 ms | 12 | |

| Step | p50 (ms) | p99 (ms) |
|:--|--:|--:|
| Whole | 1.292 | 2.5 |
";

#[test]
fn tables_are_read_with_separators_and_units() {
    let at = |select: &str| of("a.md", TABLE, select, None);
    let figure = is(at("redaction"), 0.001_292);
    assert_eq!(
        (figure.line, figure.date.as_deref()),
        (Some(7), Some("2026-11-01"))
    );
    is(at("Storage"), 0.0032);
    assert!(is(at("Rough"), 5.0).rough);
    is(at("Spread"), 4.2);
    is(at("Whole | p99 (ms)"), 2.5);
    for (select, why) in [
        ("Wish", "line 11: `< 5 ms` is a target, and no measurement"),
        ("Bare", "line 12: `12` has no unit"),
        (
            "Whole",
            "line 16: the columns p50 (ms), p99 (ms) hold figures",
        ),
        ("Whole | p95", "has no column `p95`"),
        ("Redactoin", "did you mean `Redaction`?"),
        ("Redaction | Target", "is a target"),
    ] {
        let error = at(select).unwrap_err();
        assert!(error.contains(why), "{select}: {error}");
    }
    let twice = TABLE.replace("| Rough ", "| Storage ");
    assert!(
        of("a.md", &twice, "Storage", None)
            .unwrap_err()
            .contains("on lines 8 and 9")
    );
    let code = format!("```\n{TABLE}```\n");
    assert!(
        of("a.md", &code, "Redaction", None)
            .unwrap_err()
            .contains("there is none at all")
    );
}

#[test]
fn plain_json_has_names_values_and_units() {
    let list = r#"[{"name": "a", "value": 4.2, "unit": "ms", "date": "2026-11-01T10:00:00Z", "machine": "m1", "commit": "abc"},
        {"name": "b", "value": "3,200 µs"}, {"name": "c", "value": 3}, {"name": "d", "unit": "ms"},
        {"name": "e", "value": -1, "unit": "ms"}, {"name": "f", "value": 1, "unit": "parsec"}, {"name": "g", "value": null, "unit": "ms"},
        {"name": "h", "value": 1, "unit": "ms"}, {"name": "h", "value": 2, "unit": "ms"}]"#;
    let at = |select: &str| of("a.json", list, select, None);
    let figure = is(at("a"), 4.2);
    assert_eq!(
        (
            figure.date.as_deref(),
            figure.machine.as_deref(),
            figure.commit.as_deref()
        ),
        (Some("2026-11-01"), Some("m1"), Some("abc"))
    );
    is(at("b"), 3.2);
    for (select, why) in [
        ("c", "its figure 3 has no unit"),
        ("d", "has no value"),
        ("e", "is negative"),
        ("f", "`parsec` is none that is known"),
        ("g", "`null` is no figure"),
        ("h", "more than one entry"),
        ("z", "it has no entry `z`"),
    ] {
        let error = at(select).unwrap_err();
        assert!(error.contains(why), "{select}: {error}");
    }
    let whole = r#"{"date": "2026-11-02", "machine": "m2", "benchmarks": [{"name": "a", "value": 1, "unit": "s"}], "deep": {"p99": 7, "unit": "ms"}, "bare": 5}"#;
    let figure = is(of("a.json", whole, "a", None), 1000.0);
    assert_eq!(
        (figure.date.as_deref(), figure.machine.as_deref()),
        (Some("2026-11-02"), Some("m2"))
    );
    is(of("a.json", whole, "/deep/p99", None), 7.0);
    is(of("a.json", whole, "/bare", Some("us")), 0.005);
    assert!(
        of("a.json", whole, "/bare", None)
            .unwrap_err()
            .contains("no unit")
    );
    assert!(
        of("a.json", whole, "/none", None)
            .unwrap_err()
            .contains("nothing at `/none`")
    );
    assert!(
        of("a.json", "{}", "a", None)
            .unwrap_err()
            .contains("neither")
    );
    assert!(
        of("a.json", "x", "a", None)
            .unwrap_err()
            .contains("not JSON")
    );
    assert!(
        of("a.csv", "x", "a", None)
            .unwrap_err()
            .contains("only .json and .md")
    );
}

#[test]
fn criterion_writes_nanoseconds() {
    let text =
        r#"{"mean": {"point_estimate": 4200000.0}, "median": {"point_estimate": 4100000.0}}"#;
    is(of("estimates.json", text, "x", None), 4.2);
    is(
        figure(
            "estimates.json",
            text,
            &target("x", None),
            Statistic::Median,
        ),
        4.1,
    );
    let half = r#"{"mean": {"point_estimate": 1.0}}"#;
    let error = figure(
        "estimates.json",
        half,
        &target("x", None),
        Statistic::Median,
    )
    .unwrap_err();
    assert!(error.contains("no median"), "{error}");
}

#[test]
fn numbers_are_short() {
    for (number, text) in [
        (4.2, "4.2"),
        (1292.0, "1292"),
        (0.001_292, "0.001"),
        (0.0, "0"),
        (100.0, "100"),
    ] {
        assert_eq!(plain(number), text);
    }
}
