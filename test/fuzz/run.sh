#!/usr/bin/env bash
# Builds the fuzz targets with clang's libFuzzer and sanitizers and runs each on its corpus.
#
#   run.sh [SECONDS [TARGET...]]     SECONDS per target, default 30; 0 only replays the corpora
#
# Products, found inputs and crashes go to $BUILD_DIR, default build/fuzz. The corpora in the tree
# are seeds written by hand; they are read, never written to.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILD_DIR:-$top/build/fuzz}
seconds=${1:-30}
shift || true
[[ $# -gt 0 ]] || set -- json condition sort token key_set expression rich_text definition name pattern csv list search
# RapidJSON's stack adds an offset to the null pointer before its first allocation: harmless, and not ours.
flags=(-std=c++20 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-sanitize=pointer-overflow
    -I"$top/extension" -I"$top/test")

mkdir -p "$build"
# Without main, so as objects; only what changed.
objects=()
for source in "$top"/extension/core/*.cpp; do
    object=$build/$(basename "$source" .cpp).o
    if [[ ! -e $object || -n $(find "$top/extension/core" -newer "$object" -print -quit) ]]; then
        clang++ "${flags[@]}" -fsanitize=fuzzer-no-link -c "$source" -o "$object"
    fi
    objects+=("$object")
done

for target in "$@"; do
    clang++ "${flags[@]}" -fsanitize=fuzzer "$here/fuzz_$target.cpp" "${objects[@]}" -lgumbo -lutf8proc -lstemmer -ljwt -lcrypto -o "$build/fuzz_$target"
    mkdir -p "$build/found/$target"
    limit=(-max_total_time="$seconds")
    [[ $seconds -gt 0 ]] || limit=(-runs=0)
    "$build/fuzz_$target" "${limit[@]}" -max_len=16384 -timeout=5 -rss_limit_mb=1024 -print_final_stats=0 \
        -artifact_prefix="$build/crash-$target-" "$build/found/$target" "$here/corpus/$target"
done
