//! "Did you mean": the nearest of what there is.

/// Near enough to be meant: three letters of five.
const NEAR: f64 = 0.6;

/// The nearest one, if it is near.
pub(crate) fn nearest<'k>(wanted: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.map(|known| (strsim::normalized_damerau_levenshtein(wanted, known), known));
    scored
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// What to do about a name that is not there: the nearest one, else those that there are.
pub(crate) fn help<'k>(wanted: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    const SHOWN: usize = 8;
    if let Some(near) = nearest(wanted, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let shown: Vec<&str> = known.clone().take(SHOWN).collect();
    match known.count() {
        0 => "there is none at all".to_owned(),
        count if count > SHOWN => format!("there are {count}, among them {}", shown.join(", ")),
        _ => format!("there are {}", shown.join(", ")),
    }
}
