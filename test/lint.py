#!/usr/bin/env python3
"""Checks the C++ sources: clang-format on all, clang-tidy on the extension's and the shim's.

    lint.py          check; each file is counted as passed or failed
    lint.py --fix    format in place instead

A translation unit that passed is not read again until it, a header of ours that it includes, the
configuration or the tool changes: its key is kept in build/lint/. The tests are formatted but not
given to clang-tidy, whose findings there are mostly about the test framework's macros.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
KEYS = TOP / "build" / "lint"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def sources(folders, suffixes):
    return sorted(
        path for folder in folders for path in (TOP / folder).rglob("*") if path.suffix in suffixes
    )


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def check_format(files, fix):
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]

    def check(path):
        done = subprocess.run(
            ["clang-format", *mode, str(path)], capture_output=True, text=True, check=False
        )
        return path, done.returncode == 0, done.stderr

    return in_parallel(check, files)


def flags(pg_config):
    server = output_of(pg_config, "--includedir-server")
    client = output_of(pg_config, "--includedir")
    return [
        "-std=c++20",
        f"-I{TOP}",
        f"-I{TOP}/extension",
        "-isystem", server,
        "-isystem", client,
        "-include", f"{TOP}/test/lint_clang14.hpp",
        '-DPGDLLEXPORT=__attribute__((visibility("default")))',
        '-DPGWRIGHT_VERSION="lint"',
    ]  # fmt: skip


def with_headers(path, seen):
    """The file and the headers of ours that it includes, directly or not."""
    if path in seen:
        return
    seen.add(path)
    for name in INCLUDE.findall(path.read_text()):
        for base in (path.parent, TOP, TOP / "extension"):
            if (base / name).is_file():
                with_headers((base / name).resolve(), seen)
                break


def key_of(path, constant):
    files = set()
    with_headers(path, files)
    digest = hashlib.sha256(constant.encode())
    for file in sorted(files):
        digest.update(f"{file.relative_to(TOP)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def check_tidy(files, pg_config):
    tool_flags = flags(pg_config)
    constant = output_of("clang-tidy", "--version") + repr(tool_flags)
    constant += (TOP / ".clang-tidy").read_text()
    KEYS.mkdir(parents=True, exist_ok=True)
    current = set()

    def check(path):
        key = KEYS / key_of(path, constant)
        current.add(key)
        if key.exists():
            return path, True, ""
        done = subprocess.run(
            ["clang-tidy", "--quiet", str(path), "--", *tool_flags],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            key.touch()
        return path, done.returncode == 0, done.stdout

    outcomes = in_parallel(check, files)
    for stale in set(KEYS.iterdir()) - current:
        stale.unlink()
    return outcomes


def in_parallel(check, files):
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        return list(workers.map(check, files))


def report(what, outcomes):
    """Counts are read by test/run.sh."""
    failed = [outcome for outcome in outcomes if not outcome[1]]
    for _, _, text in failed:
        print(text.rstrip())
    print(f"{what}: {len(outcomes) - len(failed)} passed, {len(failed)} failed", flush=True)
    return not failed


def main():
    os.chdir(TOP)
    fix = sys.argv[1:] == ["--fix"]
    pg_config = os.environ.get("PG_CONFIG", "/usr/lib/postgresql/15/bin/pg_config")
    everything = sources(["extension", "shim", "test"], {".cpp", ".hpp"})
    good = report("clang-format", check_format(everything, fix))
    if not fix:
        units = sources(["extension", "shim"], {".cpp"})
        good = report("clang-tidy", check_tidy(units, pg_config)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
