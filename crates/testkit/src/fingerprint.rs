//! Everything a folder holds, so that two moments can be compared: "the tree is untouched" as one assertion.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Every path below a folder with kind, mode and content. No path is left out, `.git` included; times do not count.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint(BTreeMap<String, Entry>);

#[derive(Clone, PartialEq, Eq)]
enum Entry {
    Folder(u32),
    File(u32, Vec<u8>),
    Link(String),
}

/// Reads all of a folder.
pub fn fingerprint(folder: &Path) -> Fingerprint {
    let mut entries = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(open) = folders.pop() {
        for entry in std::fs::read_dir(&open).expect("read a folder of the fixture") {
            let path = entry.expect("read a folder of the fixture").path();
            let meta = path.symlink_metadata().expect("look at a file");
            let mode = meta.permissions().mode();
            let seen = if meta.is_symlink() {
                Entry::Link(path.read_link().expect("read a link").display().to_string())
            } else if meta.is_dir() {
                folders.push(path.clone());
                Entry::Folder(mode)
            } else {
                Entry::File(mode, std::fs::read(&path).expect("read a file"))
            };
            let name = path.strip_prefix(folder).expect("inside the folder");
            entries.insert(name.display().to_string(), seen);
        }
    }
    Fingerprint(entries)
}

impl Fingerprint {
    /// What is different in `later`, one line a path; empty when nothing is.
    pub fn difference(&self, later: &Fingerprint) -> Vec<String> {
        let mut lines = Vec::new();
        for (path, entry) in &self.0 {
            match later.0.get(path) {
                None => lines.push(format!("gone: {path}")),
                Some(other) if other != entry => lines.push(format!("changed: {path}")),
                Some(_) => {}
            }
        }
        let new = later.0.keys().filter(|path| !self.0.contains_key(*path));
        lines.extend(new.map(|path| format!("new: {path}")));
        lines
    }

    /// How many files, links and folders there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The paths only: a failed `assert_eq!` must stay readable, use [`Fingerprint::difference`] to see more.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
