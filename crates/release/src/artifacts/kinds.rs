//! The kinds of artifacts: one file each, one line in the table.

mod files;
mod source;

use anyhow::{Context as _, Result};
use config::ArtifactKind;

use super::Build;
use crate::Artifact;

const MAKERS: &[Maker] = &[files::MAKER, source::MAKER];

/// How one kind of artifact is made.
struct Maker {
    kind: ArtifactKind,
    /// Writes what is declared below `out`. An error leaves no asset behind.
    make: fn(&Build<'_>, &config::Artifact) -> Result<Vec<Artifact>>,
}

/// The assets of one `[[artifact]]`.
pub(super) fn make(build: &Build<'_>, declared: &config::Artifact) -> Result<Vec<Artifact>> {
    let maker = MAKERS
        .iter()
        .find(|maker| maker.kind == declared.kind)
        .with_context(|| format!("nothing makes an artifact of kind {:?}", declared.kind))?;
    (maker.make)(build, declared).with_context(|| {
        let name = build.inputs.expand(&declared.name);
        format!("build the artifact {}", name.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::MAKERS;

    #[test]
    fn the_table_equals_the_folder() {
        let mut named: Vec<String> = MAKERS
            .iter()
            .map(|maker| format!("{:?}.rs", maker.kind).to_lowercase())
            .collect();
        named.sort();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/artifacts/kinds");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(named, files);
    }
}
