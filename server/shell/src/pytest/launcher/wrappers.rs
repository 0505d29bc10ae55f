//! The wrappers that are known: what stands between the name of each and the command that it runs.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Next, contains, is_assignment};
use crate::Word;

/// A wrapper: what stands between its name and the command that it runs.
pub(super) struct Wrapper {
    names: &'static str,
    /// Words of which the first after the options must be one; empty for none.
    pub(super) subcommands: &'static str,
    /// Options that take the next word.
    valued: &'static str,
    /// Options that take the next two.
    doubled: &'static str,
    /// Words of its own before the command.
    positional: usize,
    /// Options of which the value is a directory to change to.
    directory: &'static str,
}

impl Wrapper {
    const fn new(names: &'static str, valued: &'static str) -> Self {
        Self {
            names,
            subcommands: "",
            valued,
            doubled: "",
            positional: 0,
            directory: "",
        }
    }

    const fn sub(mut self, subcommands: &'static str) -> Self {
        self.subcommands = subcommands;
        self
    }

    const fn positional(mut self, count: usize) -> Self {
        self.positional = count;
        self
    }

    const fn doubled(mut self, options: &'static str) -> Self {
        self.doubled = options;
        self
    }

    const fn directory(mut self, options: &'static str) -> Self {
        self.directory = options;
        self
    }
}

static WRAPPERS: [Wrapper; 36] = [
    Wrapper::new("env", "-u --unset -C --chdir -S --split-string").directory("-C --chdir"),
    Wrapper::new(
        "xvfb-run",
        "-e --error-file -f --auth-file -n --server-num -p --xauth-protocol -s --server-args -w --wait",
    ),
    Wrapper::new("timeout gtimeout", "-k --kill-after -s --signal").positional(1),
    Wrapper::new("nice", "-n --adjustment"),
    Wrapper::new("ionice", "-c --class -n --classdata"),
    Wrapper::new("taskset chrt faketime gosu su-exec setarch", "").positional(1),
    Wrapper::new("numactl", "-N -m -C -i -p"),
    Wrapper::new("stdbuf", "-i --input -o --output -e --error"),
    Wrapper::new("time gtime", "-f --format -o --output"),
    Wrapper::new(
        "sudo doas",
        "-u --user -g --group -h --host -p --prompt -C -D --chdir -R -T -r -t",
    )
    .directory("-D --chdir"),
    Wrapper::new("exec", "-a"),
    Wrapper::new(
        "command nohup setsid unbuffer catchsegv builtin arch linux32 linux64 ddtrace-run opentelemetry-instrument caffeinate \
         dbus-launch fakeroot winpty retry rr",
        "-t --times --max",
    ),
    Wrapper::new("dbus-run-session", "--config-file --dbus-daemon"),
    Wrapper::new("xargs", "-a --arg-file -d --delimiter -E -I -L -n --max-args -P --max-procs -s"),
    Wrapper::new(
        "strace ltrace",
        "-o -e -s -p -P -u -E -a -b -I -O -S --output --trace",
    ),
    Wrapper::new("valgrind compute-sanitizer cuda-memcheck", "--tool --log-file"),
    Wrapper::new(
        "mpirun mpiexec orterun mpiexec.hydra prun tt-run",
        "-n -np --np -N -c -H --host -host --hostfile -hostfile --machinefile -machinefile -f -x --map-by -map-by --bind-to \
         -bind-to --rank-by -ppn -wdir --wdir -rank-binding --rank-binding --mpi-args --am --tune --output-filename -genvlist \
         --personality --rf --rankfile --stdin",
    )
    .doubled("--mca -mca --gmca -genv -env --pmixmca --prtemca")
    .directory("-wdir --wdir"),
    Wrapper::new(
        "srun",
        "-n -N -p -c -t -J -w -A -q -G -M -o -e -i -C -D -x -m -r -d --ntasks --nodes --partition --cpus-per-task --time \
         --job-name --nodelist --account --qos --gpus --gres --mem --output --error --constraint --chdir --exclude --export \
         --mpi --gpus-per-node --ntasks-per-node --container-image --container-mounts --container-workdir --container-name \
         --jobid --reservation",
    )
    .directory("-D --chdir"),
    Wrapper::new(
        "uv",
        "--with --with-requirements --with-editable --extra --no-extra --group --no-group --only-group --python -p --directory \
         --project --env-file --index --default-index --index-url -i --extra-index-url --find-links -f --package \
         --no-build-package --resolution --prerelease --cache-dir --config-file --color --link-mode --exclude-newer \
         --refresh-package --reinstall-package --upgrade-package -P --allow-insecure-host --python-platform",
    )
    .sub("tool? run")
    .directory("--directory"),
    Wrapper::new("uvx pipx", "--with --from --python -p --index --index-url --spec --pip-args --suffix").sub("run?"),
    Wrapper::new("poetry", "-C --directory -P --project")
        .sub("run")
        .directory("-C --directory"),
    Wrapper::new("pdm", "-p --project -s --site-packages -C --env-file").sub("run"),
    Wrapper::new("pipenv", "--python --pypi-mirror").sub("run"),
    Wrapper::new("rye", "--pyproject").sub("run"),
    Wrapper::new("hatch", "-e --env -p --project --data-dir --cache-dir --config -i -x -f --filter").sub("env? run"),
    Wrapper::new("pixi", "-e --environment --manifest-path -w --workspace").sub("run"),
    Wrapper::new("conda mamba micromamba", "-n --name -p --prefix --cwd -r --root-prefix -e --env -a --attach")
        .sub("run")
        .directory("--cwd"),
    Wrapper::new(
        "docker podman nerdctl",
        "-a --attach --add-host --cap-add --cap-drop --cgroupns -c --cpus --cpuset-cpus --device --dns -e --env --env-file \
         --entrypoint --gpus --group-add -h --hostname --ipc -l --label --link --log-driver -m --memory --mount --name --network \
         --net -p --publish --pid --platform --pull --restart --runtime --security-opt --shm-size --tmpfs --ulimit -u --user \
         --userns -v --volume -w --workdir",
    )
    .sub("run")
    .positional(1)
    .directory("-w --workdir"),
    Wrapper::new("docker podman nerdctl", "-e --env --env-file -u --user -w --workdir --detach-keys")
        .sub("exec")
        .positional(1)
        .directory("-w --workdir"),
    Wrapper::new(
        "docker-compose podman-compose docker podman",
        "-f --file -p --project-name --profile --env-file --project-directory -e --env -u --user -w --workdir -v --volume --name \
         --entrypoint --index -l --label --publish",
    )
    .sub("compose? run|exec")
    .positional(1)
    .directory("-w --workdir"),
    Wrapper::new("torchrun", "--nproc_per_node --nproc-per-node --nnodes --master_port --master-port --rdzv_backend"),
    Wrapper::new(
        "accelerate",
        "--num_processes --num_machines --config_file --mixed_precision --main_process_port",
    )
    .sub("launch"),
    Wrapper::new("memray", "-o --output").sub("run"),
    Wrapper::new("py-spy", "-o --output -f --format -r --rate -d --duration").sub("record"),
    Wrapper::new("nsys", "-o --output -t --trace").sub("profile"),
    Wrapper::new(
        "dotenv",
        "-f --file",
    )
    .sub("run"),
];

/// The wrappers of that name. Every command of a script is asked, and nearly none is one.
pub(super) fn wrappers_of(name: &str) -> &'static [&'static Wrapper] {
    static BY_NAME: LazyLock<HashMap<&str, Vec<&Wrapper>>> = LazyLock::new(|| {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        for wrapper in &WRAPPERS {
            for name in wrapper.names.split_ascii_whitespace() {
                by_name.entry(name).or_default().push(wrapper);
            }
        }
        by_name
    });
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}

/// What `wrapper` runs, and the directory that it changes to; `at` is the word after its name.
pub(super) fn wrapped(
    wrapper: &Wrapper,
    words: &[Word],
    mut at: usize,
) -> Option<(Next, Option<String>)> {
    // `compose? run|exec`: a `?` marks a word that may be absent.
    let mut subcommands = wrapper.subcommands.split_ascii_whitespace();
    let mut subcommand = subcommands.next();
    let mut positional = wrapper.positional;
    let mut directory = None;
    loop {
        let word = words.get(at)?.text();
        if word == "--" {
            at += 1;
            return Some((Next::Word(at), directory));
        }
        if word.len() > 1 && word.starts_with('-') {
            if matches!(word, "-m" | "--module")
                && matches!(
                    words.get(at + 1).map(Word::text),
                    Some("pytest" | "py.test")
                )
            {
                let next = Next::Pytest {
                    word: at,
                    arguments: at + 2,
                };
                return Some((next, directory));
            }
            let (name, attached) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let value = attached.or_else(|| words.get(at + 1).map(Word::text));
            if contains(wrapper.directory, name) {
                directory = value.map(str::to_owned);
            }
            at += 1;
            if attached.is_none() {
                at += usize::from(contains(wrapper.valued, name));
                at += 2 * usize::from(contains(wrapper.doubled, name));
            }
            continue;
        }
        if let Some(expected) = subcommand {
            let optional = expected.ends_with('?');
            let matches = expected
                .trim_end_matches('?')
                .split('|')
                .any(|it| it == word);
            if !matches && !optional {
                return None;
            }
            subcommand = subcommands.next();
            at += usize::from(matches);
            continue;
        }
        let is_list = |word: &Word| matches!(word, Word::Unresolved(text) if text.contains("$(") || text.contains("[@]"));
        let gives_variables = wrapper.names == "env" && is_list(&words[at]);
        if is_assignment(word)
            || gives_variables
            || word.starts_with('+') && wrapper.names == "hatch"
        {
            at += 1;
            continue;
        }
        if positional > 0 {
            positional -= 1;
            at += 1;
            continue;
        }
        return Some((Next::Word(at), directory));
    }
}
