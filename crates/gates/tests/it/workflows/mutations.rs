//! The table of mutations: the smallest change that breaks one rule, where it has to be seen, and who else sees it.

use gates::Severity;

use super::{ACTION_PATH as A, CALLED_PATH as C, CI_PATH as CI};

/// One change of the good set.
pub(super) struct Mutation {
    pub(super) what: &'static str,
    pub(super) path: &'static str,
    /// Stands once in the file.
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) severity: Severity,
    pub(super) words: &'static str,
    pub(super) line: usize,
    /// Who sees it besides us: `z` zizmor (`x`: it is ended by it), `s` the schema of check-jsonschema.
    pub(super) seen: &'static str,
}

const fn error(
    what: &'static str,
    path: &'static str,
    (from, to): (&'static str, &'static str),
    words: &'static str,
    line: usize,
    seen: &'static str,
) -> Mutation {
    Mutation {
        what,
        path,
        from,
        to,
        severity: Severity::Error,
        words,
        line,
        seen,
    }
}

const fn warning(
    what: &'static str,
    path: &'static str,
    change: (&'static str, &'static str),
    words: &'static str,
    line: usize,
    seen: &'static str,
) -> Mutation {
    Mutation {
        severity: Severity::Warning,
        ..error(what, path, change, words, line, seen)
    }
}

const CHECKOUT: &str = "actions/checkout@1111111111111111111111111111111111111111 # v9";
const SCRIPT: &str = "uses: actions/github-script@3333333333333333333333333333333333333333";

#[rustfmt::skip]
pub(super) const MUTATIONS: &[Mutation] = &[
    // The text.
    error("not YAML", CI, ("branches: [main]", "branches: [main"), "not YAML", 5, "zs"),
    error("a tab", CI, ("    branches: [main]", "\tbranches: [main]"), "a tab in the indentation", 4, "zs"),
    error("a duplicate key", CI, ("        shell: bash", "        run: make"), "`run` stands here a second time, first in line 38", 39, "zs"),
    error("a second document", CI, ("permissions:\n", "---\npermissions:\n"), "second document", 12, "zs"),
    error("an empty file", C, (super::CALLED, "# nothing\n"), "the file is empty", 1, "zs"),
    // Keys and types.
    error("an unknown key of the workflow", CI, ("name: ci", "names: ci"), "a workflow has no key `names`", 1, "s"),
    error("an unknown key of a job", CI, ("    timeout-minutes: 10", "    timeout-minute: 10"), "a job has no key `timeout-minute`", 20, "s"),
    error("an unknown key of a step", CI, ("      - name: get", "      - nam: get"), "a step has no key `nam`", 33, "s"),
    error("an unknown key of strategy", CI, ("fail-fast: false", "failfast: false"), "a strategy has no key `failfast`", 22, "s"),
    error("no runs-on", CI, ("    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"$STATE\"", "    steps:\n      - run: echo \"$STATE\""), "neither `runs-on` nor `uses`", 61, "zs"),
    error("an empty runs-on", C, ("runs-on: ubuntu-latest", "runs-on: []"), "`runs-on` is empty", 14, "s"),
    error("a number that is none", CI, ("timeout-minutes: 10", "timeout-minutes: ten"), "`timeout-minutes` is a text, expected a number", 20, "zs"),
    error("a boolean that is none", CI, ("fail-fast: false", "fail-fast: 'no'"), "expected `true` or `false`", 22, "x"),
    error("env that is a list", CI, ("      LEVEL: debug", "      - LEVEL"), "`env` is a list, expected a mapping", 31, "zs"),
    error("a permission that is none", CI, ("contents: read", "contents: reed"), "the permission `contents` is `reed`", 13, "zs"),
    error("permissions that are none", C, ("permissions: {}", "permissions: all"), "`all` is no permission", 11, "zs"),
    warning("a scope that is none", CI, ("contents: read", "content: read"), "`content` is no permission that we know", 13, "s"),
    error("an unknown shell", CI, ("shell: bash", "shell: bsh"), "`bsh` is no shell", 39, ""),
    error("a container without an image", CI, ("    env:\n      LEVEL: debug", "    container:\n      env: {}"), "a container without `image`", 31, "zs"),
    // Events.
    error("no on", CI, ("on:\n  push:\n    branches: [main]\n  pull_request:\n  schedule:\n    - cron: \"30 4 * * 1-5\"\n  workflow_dispatch:\n    inputs:\n      level:\n        type: string\n", ""), "no `on`: nothing ever starts", 1, "zs"),
    error("on as a boolean", CI, ("on:\n  push", "true:\n  push"), "`true` stands where `on` belongs", 2, "zs"),
    error("an unknown event", CI, ("  pull_request:\n", "  pull_requests:\n"), "there is no event `pull_requests`", 5, "s"),
    error("an unknown filter", CI, ("    branches: [main]", "    branch: [main]"), "`push` has no filter `branch`", 4, "s"),
    error("a filter and its opposite", CI, ("    branches: [main]", "    branches: [main]\n    branches-ignore: [x]"), "cannot stand together", 5, "s"),
    error("a time with four fields", CI, ("30 4 * * 1-5", "30 4 * *"), "it has 4 fields", 7, ""),
    error("a minute that is none", CI, ("30 4 * * 1-5", "60 4 * * 1-5"), "`60` is no minute", 7, ""),
    error("a schedule without a time", CI, ("    - cron: \"30 4 * * 1-5\"\n", ""), "`schedule` is no list of times", 6, "s"),
    // Jobs and steps.
    error("no jobs", C, ("jobs:\n  send:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ./send \"$DIGEST\"\n        env:\n          DIGEST: ${{ inputs.digest }}\n          TOKEN: ${{ secrets.token }}\n", "jobs: {}\n"), "there are no jobs", 12, "s"),
    error("a job without steps", C, ("    steps:\n      - run: ./send \"$DIGEST\"\n        env:\n          DIGEST: ${{ inputs.digest }}\n          TOKEN: ${{ secrets.token }}\n", ""), "the job `send` has no steps", 13, "x"),
    error("a bad id of a job", CI, ("  after:\n", "  2nd:\n"), "`2nd` cannot be the id of a job", 60, "s"),
    error("an unknown need", CI, ("needs: [build, publish]", "needs: [build, publish, built]"), "`needs` names `built`", 61, ""),
    error("a circle of two", CI, ("    timeout-minutes: 10", "    needs: after"), "`build` needs `after` needs `build`", 61, ""),
    error("a job that needs itself", C, ("    runs-on: ubuntu-latest", "    runs-on: ubuntu-latest\n    needs: send"), "`send` needs `send`", 15, ""),
    error("uses and run", CI, ("        run: make\n", "        run: make\n        uses: ./.github/actions/greet\n        with: { name: x }\n"), "a step with both `uses` and `run`", 39, "s"),
    error("neither uses nor run", CI, ("      - id: sum\n        run: make\n        shell: bash\n", "      - id: sum\n"), "neither `uses` nor `run`", 37, "zs"),
    error("with beside run", CI, ("        shell: bash\n", "        with: { a: b }\n"), "`with` in a step that runs a command", 39, ""),
    error("shell beside uses", CI, ("      - name: get\n", "      - shell: bash\n"), "`shell` in a step that uses an action", 33, "s"),
    error("an empty run", CI, ("run: make", "run: ''"), "`run` is empty", 38, ""),
    error("an id twice", CI, ("      - name: get\n", "      - id: sum\n"), "the step id `sum` is that of the step in line 33 too", 37, ""),
    error("uses and steps", CI, ("    secrets:\n      token: ${{ secrets.TOKEN }}\n", "    secrets:\n      token: ${{ secrets.TOKEN }}\n    runs-on: ubuntu-latest\n"), "`runs-on` in a job that calls", 60, "s"),
    // Expressions.
    error("an expression that is not closed", CI, ("${{ matrix.extra }}", "${{ matrix.extra }"), "`${{` is not closed", 42, ""),
    error("no expression", CI, ("== 'refs/heads/main' }}", "== \"refs/heads/main\" }}"), "texts stand in single quotes", 40, ""),
    error("an unknown function", CI, ("if: needs.build.result == 'success'", "if: succes()"), "there is no function `succes`", 62, ""),
    error("an argument too few", CI, ("if: needs.build.result == 'success'", "if: contains('x')"), "`contains` with 1 arguments", 62, ""),
    error("an if that is always true", CI, ("${{ github.ref == 'refs/heads/main' }}", "${{ github.ref }} == 'refs/heads/main'"), "always true", 40, "z"),
    error("an if that is always true by its line end", CI, ("if: ${{ github.ref == 'refs/heads/main' }}", "if: |\n          ${{ github.ref == 'refs/heads/main' }}"), "always true", 41, "z"),
    error("an unknown context", CI, ("${{ matrix.extra }}", "${{ matrx.extra }}"), "there is no context `matrx`", 42, ""),
    error("an unknown step", CI, ("steps.sum.outcome", "steps.sums.outcome"), "no step of the job has this id", 43, ""),
    error("a step that comes later", CI, ("          persist-credentials: false", "          persist-credentials: ${{ steps.sum.outputs.x }}"), "has not run yet", 36, ""),
    error("a property that steps have not", CI, ("steps.sum.outcome", "steps.sum.result"), "`steps.sum` has no `result`", 43, ""),
    error("a need that is not needed", CI, ("needs: [build, publish]", "needs: [build]"), "the job does not need `publish`", 67, ""),
    error("an output that is none", CI, ("needs.build.outputs.digest", "needs.build.outputs.digests"), "has no such output", 57, ""),
    error("a key that the matrix has not", CI, ("matrix.extra", "matrix.extras"), "the matrix has no `extras`", 42, ""),
    error("a matrix that is not there", CI, ("needs.publish.result", "matrix.os"), "the job has no matrix", 67, ""),
    error("an input that is none", CI, ("inputs.level", "inputs.levels"), "there is no such input", 67, ""),
    error("secrets in an if", CI, ("if: needs.build.result == 'success'", "if: secrets.TOKEN != ''"), "`secrets` cannot be used here", 62, ""),
    warning("an unknown property of github", CI, ("${{ github.workflow }}", "${{ github.workflows }}"), "`github.workflows` is none that we know", 15, ""),
    // Safety.
    error("a branch name in a script", CI, ("run: make", "run: make ${{ github.head_ref }}"), "`github.head_ref` is put into a script", 38, "z"),
    error("a title in a block", CI, ("echo \"$HOW\"", "echo \"${{ github.event.pull_request.title }}\""), "`github.event.pull_request.title` is put into", 46, "z"),
    error("a message by way of the environment", CI, ("HOW: ${{ steps.sum.outcome }}\n        run: |\n          echo \"$EXTRA\"\n          echo \"$HOW\"", "HOW: ${{ github.event.head_commit.message }}\n        run: |\n          echo \"$EXTRA\"\n          echo \"${{ env.HOW }}\""), "`env.HOW` holds `github.event.head_commit.message`", 46, "z"),
    error("the whole event", CI, ("run: make", "run: make '${{ toJSON(github.event) }}'"), "`github.event` is put into a script", 38, "z"),
    error("a body in github-script", CI, ("console.log(\"done\")", "console.log(`${{ github.event.comment.body }}`)"), "`github.event.comment.body` is put into", 70, "z"),
    error("a body in a composite action", A, ("run: \"true\"", "run: echo ${{ github.event.issue.body }}"), "`github.event.issue.body` is put into", 25, ""),
    warning("write-all", CI, ("permissions:\n  contents: read", "permissions: write-all"), "`write-all`", 12, "z"),
    warning("no permissions", CI, ("permissions:\n  contents: read\n", ""), "no `permissions` for `build`, `publish`, `after`", 16, "z"),
    // What is used.
    warning("a tag", CI, (CHECKOUT, "actions/checkout@v9"), "`actions/checkout@v9` is not pinned", 34, "z"),
    warning("an image without its digest", CI, (SCRIPT, "uses: docker://image.example/tool:1"), "is not pinned", 68, ""),
    error("a name without a version", CI, (CHECKOUT, "actions/checkout"), "names no action", 34, "x"),
    error("an expression in uses", CI, (CHECKOUT, "actions/checkout@${{ github.sha }}"), "an expression in `uses`", 34, "z"),
    warning("an action that is not there", CI, ("uses: ./.github/actions/greet", "uses: ./.github/actions/great"), "no `action.yml` in `.github/actions/great`", 50, ""),
    error("an input that the action needs", CI, ("          path: out", "          name: out"), "`actions/upload-artifact` needs the input `path`", 47, ""),
    error("an input that our action needs", CI, ("          name: world", "          mood: sad"), "the action needs the input `name`", 50, ""),
    warning("an input that our action has not", CI, ("          name: world", "          name: world\n          nane: x"), "the action has no input `nane`", 53, ""),
    error("a workflow that is not there", CI, ("workflows/called.yml", "workflows/call.yml"), "there is no workflow `.github/workflows/call.yml`", 55, ""),
    error("a workflow that cannot be called", CI, ("workflows/called.yml", "workflows/ci.yml"), "cannot be called", 55, ""),
    error("an input that the workflow needs", CI, ("    with:\n      digest: ${{ needs.build.outputs.digest }}\n", ""), "needs the input `digest`", 55, ""),
    error("a secret that the workflow needs", CI, ("    secrets:\n      token: ${{ secrets.TOKEN }}\n", ""), "needs the secret `token`", 55, ""),
    error("an input that the workflow has not", CI, ("      token: ${{ secrets.TOKEN }}", "      token: ${{ secrets.TOKEN }}\n      taken: x"), "has no secret `taken`", 60, ""),
    // What is gone.
    error("a runner that is gone", C, ("runs-on: ubuntu-latest", "runs-on: ubuntu-20.04"), "the runner `ubuntu-20.04` is gone", 14, ""),
    error("a runner that is gone, in the matrix", CI, ("os: [ubuntu-latest, macos-15]", "os: [ubuntu-latest, macos-12]"), "the runner `macos-12` is gone", 24, ""),
    error("a command that is refused", CI, ("echo \"$HOW\"", "echo \"::set-env name=x::1\""), "refuses the command `set-env`", 46, ""),
    warning("a command that is deprecated", CI, ("echo \"$HOW\"", "echo \"::set-output name=x::1\""), "`set-output` is deprecated", 46, ""),
    // An action of the repository.
    error("no shell in a composite action", A, ("      shell: bash\n      env:", "      env:"), "`run` in a composite action needs `shell`", 21, ""),
    error("an input that the action has not declared", A, ("${{ inputs.name }}", "${{ inputs.nam }}"), "there is no such input", 21, ""),
    error("no runs", A, ("runs:\n", "run:\n"), "an action without `runs`", 1, ""),
    warning("an old node", A, ("using: composite", "using: node16"), "runners no longer have `node16`", 16, ""),
];
