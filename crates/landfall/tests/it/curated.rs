//! A draft of the section, edited by a person, written again, released: what they wrote stays, and nobody sees that it
//! was a draft.

use testkit::Repo;

use crate::run::{TAG, VERSION, landfall, single};

fn lines<'t>(text: &'t str, with: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.contains(with)).collect()
}

fn commit(repo: &Repo, message: &str) {
    repo.commit(message);
    repo.git(&["push", "--quiet", "origin", "main"]);
}

#[test]
fn a_draft_is_edited_written_again_and_released() {
    let repo = single();
    let write = ["changelog", "write", VERSION];
    landfall(&repo, &write)
        .exits(0)
        .says("draft of section 1.0.0-mvp written")
        .says("added");
    let draft = repo.read("CHANGELOG.md");
    assert_eq!(lines(&draft, "<!-- landfall: draft ").len(), 1, "{draft}");
    landfall(&repo, &write).exits(0).says("nothing to do");
    assert_eq!(repo.read("CHANGELOG.md"), draft);

    let entry = lines(&draft, "(")
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned();
    let edited = draft.replacen(&entry, "- Reworded by hand,\n  on two lines", 1);
    let edited = edited.replacen(
        "<!-- landfall",
        "### Thanks\n\nTo everybody.\n\n<!-- landfall",
        1,
    );
    repo.write("CHANGELOG.md", &edited);
    repo.write("src/late.rs", "//! Late.\n");
    commit(&repo, "feat: a late thing");
    landfall(&repo, &write)
        .exits(0)
        .says("1 entry added, 2 of yours kept, 1 deleted or reworded by you stay out");
    let again = repo.read("CHANGELOG.md");
    for kept in [
        "- Reworded by hand,\n  on two lines\n",
        "### Thanks\n\nTo everybody.\n",
    ] {
        assert!(again.contains(kept), "{again}");
    }
    assert_eq!(lines(&again, "late thing").len(), 1, "{again}");
    assert!(!again.contains(&entry), "{again}");
    let notes = landfall(&repo, &["changelog", "notes", VERSION]);
    assert!(!notes.stdout.contains("landfall: draft"), "{notes}");
    let shown = landfall(&repo, &["changelog", "show", VERSION]);
    assert!(
        shown.stdout.contains(&entry) && !shown.stdout.contains("Thanks"),
        "{shown}"
    );

    commit(&repo, "docs: the notes of the release");
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    let remote = repo.remote();
    for public in [
        repo.git_in(&remote, &["show", "main:CHANGELOG.md"]),
        repo.git_in(&remote, &["cat-file", "tag", TAG]),
    ] {
        assert!(
            public.contains("- Reworded by hand,\n  on two lines\n"),
            "{public}"
        );
        assert!(
            public.contains("a late thing") && !public.contains("landfall:"),
            "{public}"
        );
    }
}
